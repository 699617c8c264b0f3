import { describe, expect, test } from 'vitest';
import { topicWatermark } from '../../src/window/watermark.ts';

describe('the watermark of a topic', () => {
  test('is the greatest event time less the out-of-orderness while there is more to read', () => {
    const watermark = topicWatermark([0], { outOfOrderness: 50 });
    watermark.observe(0, 1_000);
    watermark.observe(0, 700);
    expect(watermark.at(9_000)).toBe(950);
  });

  test('is that of the slowest partition', () => {
    const watermark = topicWatermark([0, 1], { outOfOrderness: 0 });
    watermark.observe(0, 5_000);
    expect(watermark.at(9_000)).toBe(Number.NEGATIVE_INFINITY);
    watermark.observe(1, 2_000);
    expect(watermark.at(9_000)).toBe(2_000);
  });

  test('goes on with the clock once every partition has been read to its end, empty ones among them', () => {
    const watermark = topicWatermark([0, 1], { outOfOrderness: 50 });
    watermark.observe(0, 1_000);
    watermark.setCaughtUp(0, true);
    watermark.setCaughtUp(1, true);
    expect(watermark.caughtUp).toBe(true);
    expect(watermark.at(4_000)).toBe(3_950);
  });

  test('waits with a partition whose broker has gone', () => {
    const watermark = topicWatermark([0, 1], { outOfOrderness: 0 });
    for (const partition of [0, 1]) watermark.setCaughtUp(partition, true);
    watermark.at(4_000);
    watermark.setCaughtUp(1, false);
    expect(watermark.caughtUp).toBe(false);
    expect(watermark.at(9_000)).toBe(4_000);
  });

  test('never goes back, also when the clock or a partition does', () => {
    const watermark = topicWatermark([0], { outOfOrderness: 0, floor: 500 });
    expect(watermark.at(0)).toBe(500);
    watermark.setCaughtUp(0, true);
    expect(watermark.at(9_000)).toBe(9_000);
    expect(watermark.at(100)).toBe(9_000);
  });

  test('follows records that are ahead of the clock', () => {
    const watermark = topicWatermark([0], { outOfOrderness: 0 });
    watermark.setCaughtUp(0, true);
    watermark.observe(0, 5_000);
    expect(watermark.at(4_000)).toBe(5_000);
  });

  test('takes in a partition that was added later', () => {
    const watermark = topicWatermark([0], { outOfOrderness: 0 });
    watermark.observe(0, 5_000);
    watermark.observe(1, 3_000);
    expect(watermark.at(0)).toBe(3_000);
  });
});
