import {
  type CallOptions,
  ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Connection, serverName } from "./connection_string.ts";

const service = "/spark.connect.SparkConnectService/";

// A batch of rows is at most 4 MiB by default; a plan may carry a long list of files.
const maxMessageBytes = 128 * 1024 * 1024;

/** A method of the service: its name, and the messages that go in and come out. */
export interface Method<I extends DescMessage, O extends DescMessage> {
  name: string;
  input: I;
  output: O;
}

/** A gRPC connection to a Spark Connect server. Errors are gRPC's own ({@linkcode ServiceError}). */
export class Channel {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor({ useSsl, token, headers, ...connection }: Connection) {
    const channelCredentials = useSsl ? credentials.createSsl() : insecure();
    this.#client = new Client(serverName(connection).slice("sc://".length), channelCredentials, {
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      // A connection that a firewall has dropped without a word is noticed, and made anew.
      "grpc.keepalive_time_ms": 60_000,
    });
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value);
    if (token !== undefined) this.#metadata.set("authorization", `Bearer ${token}`);
  }

  /** Sends one message and waits for one. */
  unary<I extends DescMessage, O extends DescMessage>(
    { name, input, output }: Method<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        service + name,
        (message: MessageShape<I>) => Buffer.from(toBinary(input, message)),
        (bytes) => fromBinary(output, bytes),
        create(input, request),
        this.#metadata,
        options,
        (error: ServiceError | null, response?: MessageShape<O>) =>
          error ? reject(error) : resolve(response!),
      );
    });
  }

  /** Sends one message and gives those that come back; leaving the loop cancels the call. */
  async *stream<I extends DescMessage, O extends DescMessage>(
    { name, input, output }: Method<I, O>,
    request: MessageInitShape<I>,
  ): AsyncGenerator<MessageShape<O>> {
    const call = this.#client.makeServerStreamRequest(
      service + name,
      (message: MessageShape<I>) => Buffer.from(toBinary(input, message)),
      (bytes) => fromBinary(output, bytes),
      create(input, request),
      this.#metadata,
    );
    // After the loop has been left, the cancelled call reports its own end as an error.
    call.on("error", () => {});
    try {
      for await (const message of call) yield message;
    } finally {
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}

function insecure(): ChannelCredentials {
  return ChannelCredentials.createInsecure();
}
