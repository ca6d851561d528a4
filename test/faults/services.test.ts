// Faults of PostgreSQL while jobs run, and of every service while a request is answered.
import './postgres.ts';
import './answers.ts';
import { useRig } from './on-rig.ts';

useRig('embedded');
