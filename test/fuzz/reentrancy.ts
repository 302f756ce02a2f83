/**
 * `npm run fuzz:reentrancy [-- <seconds>]`: code of the caller at every point where any can run, doing everything there. Ends with 1 at
 * a find: a crash, a hang, a wrong number, memory that was written to, or an error that is not documented.
 */
import { seedFromEnvironment } from '../support/random.ts';
import { campaignCommand } from './campaign.ts';

await campaignCommand(
  {
    name: 'fuzz:reentrancy',
    child: new URL('reentrancy.child.ts', import.meta.url),
    batch: 300,
  },
  seedFromEnvironment() % 1_000_000_000,
);
