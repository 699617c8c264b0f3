import { errorCodes } from '../protocol/error-codes.ts';

/** PRODUCER_FENCED as clients have it that do not know it yet; other codes as they are (KIP-588). */
export const fencedCode = (errorCode: number, knowsFenced: boolean): number =>
  errorCode === errorCodes.producerFenced && !knowsFenced ? errorCodes.invalidProducerEpoch : errorCode;
