// Counts tests in a runner's report and prints "passed failed skipped", then a line with the name of each that failed.
// A report that is missing or unreadable is one failure.
//
//   node count.mjs ctest FOLDER        ctest.junit, and the GoogleTest XML files beside it for the programs that wrote one
//   node count.mjs vitest FILE.json
//   node count.mjs node-test LOG       what `node --test` printed
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
const tagsOf = (xml, name) => [...xml.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map((match) => match[0]);

function countGoogleTest(path, programFailed) {
  const xml = readFileSync(path, 'utf8');
  const all = tagsOf(xml, 'testsuites')[0] ?? '';
  const tests = Number(attribute(all, 'tests') ?? 0) - Number(attribute(all, 'disabled') ?? 0);
  const failed = Number(attribute(all, 'failures') ?? 0) + Number(attribute(all, 'errors') ?? 0);
  const skipped = tagsOf(xml, 'testsuite').reduce((sum, tag) => sum + Number(attribute(tag, 'skipped') ?? 0), 0);
  const cases = xml.split('</testcase>').filter((one) => one.includes('<failure'));
  const names = cases.map((one) => tagsOf(one, 'testcase').pop()).map((tag) => `${attribute(tag, 'classname')}.${attribute(tag, 'name')}`);
  // A program can fail after its tests passed: a leak, a crash at exit.
  return { passed: tests - failed - skipped, failed: programFailed && failed === 0 ? 1 : failed, skipped, names };
}

function countCtest(folder) {
  const total = { passed: 0, failed: 0, skipped: 0, names: [] };
  for (const tag of tagsOf(readFileSync(join(folder, 'ctest.junit'), 'utf8'), 'testcase')) {
    const name = attribute(tag, 'name');
    const status = attribute(tag, 'status');
    const report = [`${name}_test.xml`, `${name}.xml`].map((file) => join(folder, file)).find(existsSync);
    const one = report
      ? countGoogleTest(report, status === 'fail')
      : { passed: Number(status === 'run'), failed: Number(status === 'fail'), skipped: Number(status === 'notrun' || status === 'disabled') };
    for (const key of ['passed', 'failed', 'skipped']) total[key] += one[key];
    if (one.failed) total.names.push(...(one.names?.length ? one.names.map((each) => `${name}: ${each}`) : [name]));
  }
  return total;
}

function countVitest(path) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const failed = report.numFailedTests || Number(!report.success);
  const names = report.testResults.flatMap((file) => file.assertionResults).filter((one) => one.status === 'failed');
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests, names: names.map((one) => one.fullName) };
}

function countNodeTest(path) {
  const log = readFileSync(path, 'utf8');
  const figure = (name) => Number([...log.matchAll(new RegExp(`^(?:ℹ|#) ${name} (\\d+)$`, 'gm'))].pop()?.[1] ?? NaN);
  const counted = { passed: figure('pass'), failed: figure('fail') + figure('cancelled'), skipped: figure('skipped') };
  if (Object.values(counted).some(Number.isNaN)) throw new Error('no summary in the log');
  // After the summary each failure is told again, in full.
  const names = log.slice(log.lastIndexOf('failing tests:')).matchAll(/^✖ (.*) \([\d.]+ms\)$/gm);
  return { ...counted, names: counted.failed ? [...names].map((match) => match[1]) : [] };
}

const [kind, path] = process.argv.slice(2);
try {
  const { passed, failed, skipped, names } = { ctest: countCtest, vitest: countVitest, 'node-test': countNodeTest }[kind](path);
  console.log(passed, failed, skipped);
  if (failed) console.log((names.length ? names : [`${kind}, see above`]).join('\n'));
} catch (error) {
  console.error(`no usable ${kind} report at ${path}: ${error.message}`);
  console.log(`0 1 0\n${kind}: no usable report`);
}
