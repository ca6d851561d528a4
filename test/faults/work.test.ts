// Faults of the work on a job: of the consumer, and of files.
import './consumer.ts';
import './files.ts';
import { useRig } from './on-rig.ts';

useRig('embedded');
