import { startTestBroker } from '../_support/broker.ts';
import { brokerContract } from './_contract.ts';

brokerContract('the embedded broker', () => startTestBroker());
