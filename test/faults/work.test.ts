// Faults of the work on a job: of the consumer, of files, and of Redis meanwhile.
import './consumer.ts';
import './files.ts';
import './redis.ts';
import { useRig } from './on-rig.ts';

useRig('embedded');
