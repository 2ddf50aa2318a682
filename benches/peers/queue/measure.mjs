// Measures a queue of others: node measure.mjs (graphile|bullmq) URL JOBS ROUNDS
//
// Prints one line of JSON: jobs added and finished per second, and how long one job waits on an idle
// queue, in milliseconds. Work is done by two processes, as each runs on one core; it does nothing.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROCESSES = 2;
const [, , system, url, jobsText, roundsText, role] = process.argv;
const jobs = Number(jobsText);
const rounds = Number(roundsText);

const systems = {
  // Its own best settings for throughput: a local queue and answers in batches.
  graphile: async () => {
    const { Logger, makeWorkerUtils, run, runOnce } = await import('graphile-worker');
    const preset = (batched) => ({
      worker: {
        connectionString: url,
        concurrentJobs: 24,
        maxPoolSize: 25,
        ...(batched
          ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
          : {}),
      },
    });
    const quiet = new Logger(() => () => {});
    const tasks = (handler) => ({ nothing: handler });
    return {
      async prepare() {
        const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
        await utils.migrate();
        await utils.release();
      },
      async add(count) {
        const { default: pg } = await import('pg');
        const client = new pg.Client(url);
        await client.connect();
        await client.query(
          `select 1 from graphile_worker.add_jobs(array(
             select json_populate_record(null::graphile_worker.job_spec,
               json_build_object('identifier', 'nothing', 'payload', json_build_object('id', i)))
             from generate_series(1, $1::int) i))`,
          [count],
        );
        await client.end();
      },
      async drain() {
        await runOnce({ preset: preset(true), taskList: tasks(() => {}), logger: quiet });
      },
      async latencies(count) {
        let arrived = () => {};
        const runner = await run({
          preset: preset(false),
          taskList: tasks(() => arrived(performance.now())),
          logger: quiet,
        });
        const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
        const found = await timed(count, async () => {
          const arrival = new Promise((resolve) => (arrived = resolve));
          const begun = performance.now();
          await utils.addJob('nothing', {});
          const added = performance.now() - begun;
          return [added, (await arrival) - begun];
        });
        await utils.release();
        await runner.stop();
        return found;
      },
    };
  },

  bullmq: async () => {
    const { Queue, Worker } = await import('bullmq');
    const place = new URL(url);
    const connection = {
      host: place.hostname,
      port: Number(place.port || 6379),
      password: decodeURIComponent(place.password) || undefined,
      db: Number(place.pathname.slice(1) || 0),
      maxRetriesPerRequest: null,
    };
    const options = { removeOnComplete: true, removeOnFail: true };
    const removal = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
    const worker = (handler) => new Worker('bench', handler, { connection, concurrency: 100, ...removal });
    return {
      async prepare() {},
      async add(count) {
        const queue = new Queue('bench', { connection });
        const batch = 1000;
        for (let from = 0; from < count; from += batch) {
          const size = Math.min(batch, count - from);
          await queue.addBulk(
            Array.from({ length: size }, (_, i) => ({ name: 'nothing', data: { id: from + i }, opts: options })),
          );
        }
        await queue.close();
      },
      async drain() {
        const drained = worker(async () => {});
        const queue = new Queue('bench', { connection });
        for (;;) {
          const left = await queue.getJobCounts('waiting', 'active', 'prioritized', 'delayed');
          if (Object.values(left).every((number) => number === 0)) break;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await queue.close();
        await drained.close();
      },
      async latencies(count) {
        let arrived = () => {};
        const running = worker(async () => arrived(performance.now()));
        const queue = new Queue('bench', { connection });
        await running.waitUntilReady();
        const found = await timed(count, async () => {
          const arrival = new Promise((resolve) => (arrived = resolve));
          const begun = performance.now();
          await queue.add('nothing', {}, options);
          const added = performance.now() - begun;
          return [added, (await arrival) - begun];
        });
        await queue.close();
        await running.close();
        return found;
      },
    };
  },
};

// A few rounds are not counted: connections and code become warm.
async function timed(count, step) {
  const [adding, waiting] = [[], []];
  for (let i = 0; i < count + 20; i++) {
    const [added, waited] = await step();
    if (i >= 20) {
      adding.push(added);
      waiting.push(waited);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { adding, waiting };
}

const queue = await systems[system]();

if (role === 'drain') {
  process.send('ready');
  await once(process, 'message');
  await queue.drain();
  process.send('done');
  process.disconnect();
} else {
  await queue.prepare();
  const addBegun = performance.now();
  await queue.add(jobs);
  const adding = performance.now() - addBegun;

  const script = fileURLToPath(import.meta.url);
  const children = Array.from({ length: PROCESSES }, () =>
    fork(script, [system, url, jobsText, roundsText, 'drain'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const drainBegun = performance.now();
  const drained = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  await Promise.all(drained);
  const draining = performance.now() - drainBegun;

  const { adding: addingOne, waiting } = await queue.latencies(rounds);
  const at = (times, share) => {
    const sorted = times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  };
  console.log(
    JSON.stringify({
      system,
      add_per_second: (jobs / adding) * 1000,
      drain_per_second: (jobs / draining) * 1000,
      add_one_p50_ms: at(addingOne, 0.5),
      latency_p50_ms: at(waiting, 0.5),
      latency_p99_ms: at(waiting, 0.99),
    }),
  );
  process.exit(0);
}
