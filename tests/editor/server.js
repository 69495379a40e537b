// The YAML language server as a child process: https://microsoft.github.io/language-server-protocol/

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export class Server {
  #process;
  #next = 1;
  #waiting = new Map();
  #received = Buffer.alloc(0);
  #findings = new Map();

  constructor() {
    const program = fileURLToPath(new URL("node_modules/yaml-language-server/bin/yaml-language-server", import.meta.url));
    this.#process = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout.on("data", (data) => this.#receive(data));
  }

  async start(root) {
    const capabilities = {
      textDocument: {
        completion: { completionItem: { documentationFormat: ["markdown"], snippetSupport: false } },
        hover: { contentFormat: ["markdown"] },
      },
    };
    await this.request("initialize", { processId: process.pid, rootUri: root, capabilities });
    this.notify("initialized", {});
  }

  stop() {
    this.#process.kill();
  }

  /** Opens a file, and waits for the findings of the server. */
  open(uri, text) {
    const found = new Promise((resolve) => this.#findings.set(uri, resolve));
    this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    return found;
  }

  request(method, params) {
    const id = this.#next++;
    this.#send({ jsonrpc: "2.0", id, method, params });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  notify(method, params) {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  #send(message) {
    const body = JSON.stringify(message);
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(data) {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.subarray(0, end).toString())[1]);
      const start = end + 4;
      if (this.#received.length < start + length) return;
      const message = JSON.parse(this.#received.subarray(start, start + length).toString());
      this.#received = this.#received.subarray(start + length);
      this.#handle(message);
    }
  }

  #handle(message) {
    if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      this.#findings.get(uri)?.(diagnostics);
    } else if (message.method && message.id !== undefined) {
      // The server requests its settings. No schemas are loaded from the network.
      const settings = ({ section }) => (section === "yaml" ? { schemaStore: { enable: false } } : null);
      const result = message.method === "workspace/configuration" ? message.params.items.map(settings) : null;
      this.#send({ jsonrpc: "2.0", id: message.id, result });
    } else if (message.id !== undefined) {
      const { resolve, reject } = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }
}
