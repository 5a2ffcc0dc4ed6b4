// Loads the registry when it is first needed: prom-client costs more start-up time than all the rest of the primary.
import type { MetricsRegistry, RegistryInput } from './registry.ts';

export interface ScrapeAnswer {
  readonly contentType: string;
  readonly body: string;
}

export class Scraper {
  private readonly input: RegistryInput;
  private registry: Promise<MetricsRegistry> | null = null;
  private running: Promise<ScrapeAnswer> | null = null;

  constructor(input: RegistryInput) {
    this.input = input;
  }

  /** Loads prom-client now, so that the first scrape does not wait; call it when the server is ready. */
  async warmUp(): Promise<void> {
    await this.loaded();
  }

  /** Scrapes that come while one runs get its answer: two scrapers on two ports cost one. */
  scrape(): Promise<ScrapeAnswer> {
    this.running ??= this.scrapeOnce().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async scrapeOnce(): Promise<ScrapeAnswer> {
    const registry = await this.loaded();
    return { contentType: registry.contentType, body: await registry.scrape() };
  }

  private loaded(): Promise<MetricsRegistry> {
    this.registry ??= import('./registry.ts').then(({ MetricsRegistry }) => new MetricsRegistry(this.input));
    return this.registry;
  }
}
