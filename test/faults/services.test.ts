// Faults of the services: PostgreSQL and Redis while jobs run, and every service while a request is
// answered.
import './redis.ts';
import './postgres.ts';
import './answers.ts';
import { useRig } from './on-rig.ts';

useRig('embedded');
