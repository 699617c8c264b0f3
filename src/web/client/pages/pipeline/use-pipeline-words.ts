import { useSettings } from '../../components/settings.ts';
import { pipelineWords } from './words.ts';

/** What this page says, in the reader's language. */
export function usePipelineWords() {
  const { language } = useSettings();
  return { language, t: pipelineWords[language] };
}
