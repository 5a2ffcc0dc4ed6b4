// The only list of fixed limits, each with its reason; what operators may need to change is an option (settings/options.ts).

/** From this size a compressed variant saves packets; below, one packet carries the body anyway. */
export const COMPRESSED_BYTES_MIN = 1_024;

/** Above, a body is sent in pieces as the socket takes them, so that a slow client does not hold a copy of it. */
export const ONE_WRITE_BYTES_MAX = 128 * 1_024;

/** Entries that a worker installs between two turns of its loop: about 2 µs each, so half a millisecond. */
export const SLICE_ENTRIES = 256;

/** Distinct Accept-Encoding headers that a worker remembers; then it starts anew. */
export const NEGOTIATIONS_MAX = 512;

/** Probes and scrapes of one worker that may wait for the primary; more means that it does not answer. */
export const ASKS_MAX = 1_000;

/** Source bytes whose parsed form a compile thread keeps; the parsed form is some five times as large. */
export const PARSED_BYTES_MAX = 16 * 1_024 * 1_024;

/** Decoded trees that a compile thread keeps: one per label in use. */
export const TREES_MAX = 64;

/** Misses compiled in one task: few enough that the first does not wait long for the last. */
export const BATCH_ENTRIES_MAX = 64;

/** Changes that are kept for subscribers who come back: of one entry, and changed keys of all entries (some 100 bytes each, per thread). */
export const PUSH_HISTORY = { perEntry: 16, keysMax: 50_000 } as const;

/** A change or snapshot for many subscribers above this becomes a hint to come and get it: uWebSockets.js copies larger frames per socket. */
export const PUSH_CHANGE_BYTES_MAX = 15 * 1_024;

/** Time between two computations of a subscribed answer that the snapshot does not keep (full, or cache.enabled is false). */
export const PUSH_ASK_AGAIN_MS = 10_000;

/** How long a worker waits for the epoch that a subscriber seems to have seen elsewhere: workers switch within milliseconds of each other. */
export const PUSH_AHEAD_MS = 250;

/** Time over which such subscribers come. */
export const PUSH_RESYNC_SPREAD_MS = 2_000;

/** Segments beside the base of an epoch; then they are merged, or the merge of many small ones would cost more than the publish. */
export const ADDENDA_MAX = 256;

/** Times that a miss is compiled again because its content was not loaded or changed meanwhile; then 503. */
export const MISS_ATTEMPTS_MAX = 12;

/** Threads that compile: more would only wait for each other's content. They end when idle. */
export const COMPILE_THREADS_MAX = 2;

/** Staleness cells in the control block: one per repository and per set of them that answers are made from; the last is for all others. */
export const REPOSITORY_SLOTS = 256;

/** Failures in a row of one remote host, over all sources that fetch from it; then one source at a time tries it. */
export const REMOTE_FAILURES_MAX = 5;

/** Bounds of the time between two such tries; within them it is the shortest pollInterval of the host's sources. */
export const REMOTE_PROBE_INTERVAL_MIN_MS = 1_000;
export const REMOTE_PROBE_INTERVAL_MAX_MS = 30_000;

/** Applications, profiles or labels in one request: real ones name a handful, and every label is a checkout. */
export const REQUEST_LIST_ELEMENTS_MAX = 64;

/** Files that one request may look for (locations x names x profiles x extensions): about a tenth of a second; then LIMIT_EXCEEDED. */
export const FILE_PROBES_MAX = 100_000;

/** Placeholders resolved for one answer, each use counted: about half a second; then LIMIT_EXCEEDED. */
export const PLACEHOLDER_EXPANSIONS_MAX = 1_000_000;

/** Placeholders in placeholders or values in values of a plain-text file; then LIMIT_EXCEEDED. */
export const PLACEHOLDER_DEPTH_MAX = 100;

/** Characters that placeholders insert into one plain-text file, each use counted; then LIMIT_EXCEEDED. */
export const PLACEHOLDER_CHARACTERS_MAX = 64 * 1_024 * 1_024;

/** Names in the answer to a webhook; a push that changes more is about everything anyway. */
export const WEBHOOK_APPLICATIONS_MAX = 10_000;

/** Characters of a file name in a webhook: file systems end at 255 bytes. */
export const WEBHOOK_FILE_NAME_MAX = 255;

/** Characters of a repository url in a webhook. */
export const WEBHOOK_URL_MAX = 2_048;

/** Addresses of repositories in one webhook: real ones name some ten of one repository. */
export const WEBHOOK_REPOSITORIES_MAX = 64;

/** Webhooks whose body is being read or judged, per thread; then 503. With the largest body of the default: 64 MiB. */
export const WEBHOOKS_MAX = 64;

/** Deliveries that are remembered, so that a second one with the same id or signature does nothing. */
export const WEBHOOK_MEMORY_MAX = 10_000;

/** Time for the body of a webhook to arrive; then 408. */
export const WEBHOOK_BODY_MS = 10_000;

/** Age of a signature that holds a time (Gitee), in both directions: clocks differ. */
export const WEBHOOK_CLOCK_MS = 5 * 60_000;

/** Webhooks come in bursts (one per hook, branch and retry): those within this time are one fetch. */
export const WEBHOOK_POLL_DELAY_MS = 200;

/** Bytes of one message between servers: two hashes and an id. */
export const BUS_MESSAGE_BYTES_MAX = 512;

/** Body of /encrypt and /decrypt: a certificate chain with its key has some 20 kB, and encrypted it is twice as long; then 413. */
export const ENCRYPTION_BODY_BYTES_MAX = 256 * 1_024;

/** Requests of /encrypt and /decrypt that one worker lets wait; then 503. With the largest bodies these are 16 MiB. */
export const ENCRYPTION_WAITERS_MAX = 64;

/** The same of all workers together, waiting for a compile thread. */
export const ENCRYPTION_QUEUE_MAX = 256;

/** Of these, in one task: RSA takes some 2 ms each, and a miss should not wait longer behind them than for another miss. */
export const ENCRYPTION_BATCH_MAX = 8;

/** Decrypted values that a compile thread remembers, and their size: the shared file of a fleet is decrypted for every application. */
export const DECRYPTED_VALUES = { countMax: 50_000, charactersMax: 16 * 1_024 * 1_024 } as const;

/** Keys of the key store opened with a secret of a `{secret:…}` prefix, right or wrong, that a compile thread remembers. */
export const OPENED_KEYS_MAX = 256;

/** Size of a key store file. */
export const KEY_STORE_BYTES_MAX = 4 * 1_024 * 1_024;

/** Values that could not be decrypted, which a compile thread knows that it has told; then it starts anew. */
export const UNDECRYPTABLE_TOLD_MAX = 10_000;

/** Names of values that could not be decrypted, in one report of a compile thread to the log. */
export const UNDECRYPTABLE_NAMES_MAX = 20;
