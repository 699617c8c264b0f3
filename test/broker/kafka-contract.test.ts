import { test } from 'vitest';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { brokerContract } from './_contract.ts';

if (kafkaIsAvailable()) brokerContract('Apache Kafka', startKafka);
else test.skip('the broker contract on Apache Kafka: its jars are not here, run .ci/install', () => {});
