import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type Answered, type Figure, type FigureSources, figuresOf } from './figures.ts';

/** What the server counts of itself for whoever scrapes it. */
export interface Metrics {
  /** Told of each answer that was sent. */
  answered(route: string, status: number, seconds: number): void;
  /** All of it in the text format of Prometheus. */
  text(): Promise<string>;
}

export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/** The figures of the server. They cost next to nothing until somebody asks for the first time. */
export function createMetrics(sources: Omit<FigureSources, 'answers'>): Metrics {
  const answers = new Map<string, Answered>();
  let registry: Registry | undefined;
  return {
    answered(route, status, seconds) {
      const key = `${status} ${route}`;
      const entry = answers.get(key) ?? { route, status, count: 0, seconds: 0 };
      answers.set(key, entry);
      entry.count += 1;
      entry.seconds += seconds;
    },
    async text() {
      registry ??= registryOf(figuresOf({ ...sources, answers }));
      return await registry.metrics();
    },
  };
}

function registryOf(figures: readonly Figure[]): Registry {
  const registry = new Registry();
  // Seldom enough that an idle server stays idle.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const { kind, name, help, labels = [], values } of figures) {
    const common = { name: `dashctl_${name}`, help, labelNames: labels, registers: [registry] };
    const Metric = kind === 'gauge' ? Gauge : Counter;
    new Metric({
      ...common,
      async collect() {
        const known = [...(await values())].filter(([value]) => value !== undefined);
        this.reset();
        // What is not known is left out: 0 would be a figure.
        if (labels.length === 0) this.remove();
        for (const [value, ...own] of known) {
          this.inc(Object.fromEntries(labels.map((label, index) => [label, own[index] ?? ''])), value);
        }
      },
    });
  }
  return registry;
}
