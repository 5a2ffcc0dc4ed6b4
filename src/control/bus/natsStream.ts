// Announcements kept in a JetStream stream, the last one of each source: a server that was away hears what it has missed.
import { DeliverPolicy, DiscardPolicy, jetstream, jetstreamManager, JetStreamApiError, StorageType, type ConsumerMessages } from '@nats-io/jetstream';
import type { NatsConnection as Client } from '@nats-io/transport-node';
import { BUS_MESSAGE_BYTES_MAX } from '../../model/limits.ts';

/** JetStream's code for a stream of that name with another configuration: the operator's, which is used as it is. */
const nameInUse = 10_058;

export class NatsStream {
  private readonly client: Client;
  private readonly prefix: string;
  private readonly onMessage: (bytes: Uint8Array) => void;
  private readonly onLost: (error: unknown) => void;
  private messages: ConsumerMessages | null = null;
  private isStopped = false;

  /** `onLost`: the stream is gone, nothing will be heard any more. */
  constructor(client: Client, subjectPrefix: string, onMessage: (bytes: Uint8Array) => void, onLost: (error: unknown) => void) {
    this.client = client;
    this.prefix = subjectPrefix;
    this.onMessage = onMessage;
    this.onLost = onLost;
  }

  /** `vortex.config` has the stream VORTEX_CONFIG. */
  get name(): string {
    return this.prefix.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  }

  /** Makes the stream where there is none, then hears the last announcement of every source, and every further one. */
  async open(): Promise<void> {
    const manager = await jetstreamManager(this.client);
    const subject = `${this.prefix}.source.*`;
    try {
      await manager.streams.add({
        name: this.name,
        subjects: [subject],
        storage: StorageType.File,
        max_msgs_per_subject: 1,
        max_msg_size: BUS_MESSAGE_BYTES_MAX,
        discard: DiscardPolicy.Old,
      });
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== nameInUse) throw error;
    }
    // One subject as text: a list needs a server of 2.10.
    const options = { deliver_policy: DeliverPolicy.LastPerSubject, filter_subjects: subject } as const;
    const consumer = await jetstream(this.client).consumers.get(this.name, options);
    const messages = await consumer.consume({ callback: (message) => this.onMessage(message.data), abort_on_missing_resource: true });
    this.messages = messages;
    if (this.isStopped) messages.stop();
    void messages.closed().then((error) => {
      if (!this.isStopped) this.onLost(error ?? new Error(`the stream ${this.name} is gone`));
    }, this.onLost);
  }

  /** Resolves when the stream has it. */
  async publish(subject: string, bytes: Uint8Array): Promise<boolean> {
    await jetstream(this.client).publish(subject, bytes);
    return true;
  }

  stop(): void {
    this.isStopped = true;
    this.messages?.stop();
  }
}
