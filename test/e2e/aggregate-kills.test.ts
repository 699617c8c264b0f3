import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { topicOffsets } from '../../src/kafka/topics.ts';

import { dashctl, runDashctl } from '../_support/dashctl.ts';

import { countSource, Results, sorted } from '../_support/result-topic.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

// A takeover waits for the session of the one that was killed: ten seconds each. DASHCTL_KILLS=50 is the long form.
const kills = Number(process.env.DASHCTL_KILLS ?? (process.env.CI ? 10 : 2));
const rate = 20_000;
// More than the producer sends until it is stopped.
const rows = rate * (60 + kills * 25);

describe.each(brokers)('aggregators on $name', ({ available, startBroker }) => {
  describe.skipIf(!available)('when it is installed', () => {
    const folder = folderOfSuite();
    const file = join(folder, 'user_log.csv');
    let cluster: BrokerProcess;
    beforeAll(async () => {
      cluster = await startBroker(folder);
      expect(await runDashctl(['generate', '--rows', String(rows), '--out', file])).toMatchObject({ code: 0 });
    }, 120_000);
    afterAll(async () => void (await cluster.stop()));

    const begin = (...args: string[]) => {
      const running = dashctl([...args, '--pipeline', 'gender', '--brokers', cluster.address]);
      onTestFinished(async () => void (await running.stop('SIGKILL')));
      return running;
    };

    test('bring each window out once per revision, and right, however often they are killed or frozen', {
      timeout: 60_000 + kills * 30_000,
    }, async () => {
      const aggregators = [begin('aggregate'), begin('aggregate')];
      await Promise.all(aggregators.map((aggregator) => aggregator.waitFor(/counting gender/)));
      const produce = dashctl([
        ...['produce', file, '--rate', String(rate), '--pipeline', 'gender', '--brokers', cluster.address],
      ]);
      onTestFinished(async () => void (await produce.stop('SIGKILL')));
      await produce.waitFor(/replaying|sex/);
      const tail = dashctl(['tail', 'result', '-o', 'start', '--json', '--brokers', cluster.address]);
      onTestFinished(async () => void (await tail.stop('SIGKILL')));
      const results = new Results(tail);
      await results.more();

      for (let kill = 0; kill < kills; kill++) {
        await delay(Math.random() * 1_500);
        // Either of them, now and then both: whichever counts, and whichever stands by.
        const victims = kill % 4 === 3 ? [0, 1] : [kill % 2];
        for (const victim of victims) {
          await aggregators[victim]?.stop('SIGKILL');
          aggregators[victim] = begin('aggregate');
        }
        await results.more();
      }

      // Whoever counts is frozen until another has taken over, then goes on as if nothing had happened.
      const last = aggregators.map((aggregator) => aggregator.process);
      for (const frozen of last) {
        frozen.kill('SIGSTOP');
        await results.more();
        frozen.kill('SIGCONT');
        await results.more();
      }

      await produce.stop();
      const connection = { brokers: [cluster.address], logger: pino({ level: 'silent' }), clientId: 'check' };
      const records = (await topicOffsets(connection, ['sex'])).reduce((sum, { high }) => sum + high, 0);
      await results.reach(records);

      const revisions = results.all.map(({ key, headers }) => `${key} revision ${headers.revision}`);
      expect(new Set(revisions).size, 'a revision of a window came out twice').toBe(revisions.length);
      expect(results.late).toBe(0);
      expect(sorted(results.windows)).toEqual(sorted(await countSource(cluster.address, 'sex', records)));
      const verify = ['verify', file, '--limit', String(records), '--pipeline', 'gender', '--brokers', cluster.address];
      expect(await runDashctl(verify)).toMatchObject({ code: 0 });
    });
  });
});
