// Faults of the work on a job (of the consumer, of files, of Redis and PostgreSQL meanwhile), and
// of every service while a request is answered: one after the other, on one rig.
import './consumer.ts';
import './files.ts';
import './redis.ts';
import './postgres.ts';
import './answers.ts';
import { useRig } from './on-rig.ts';

useRig('embedded');
