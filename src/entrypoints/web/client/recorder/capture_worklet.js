/**
 * Passes on what the microphone hears, in blocks: `{ samples, at }`, where `at` is the time of the first sample by the
 * clock of the AudioContext. It runs beside the page, so that a busy page loses nothing; it imports nothing, because not
 * every browser lets an AudioWorklet do so.
 */

const BLOCK = 2048; // at 48 kHz, 23 drawings of the line a second: smooth enough, and cheap on a phone

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const samples = inputs[0]?.[0]; // none while the microphone is not connected
    for (const sample of samples ?? []) {
      this.#block[this.#filled++] = sample;
      if (this.#filled === BLOCK) this.#send(samples.length);
    }
    return true;
  }

  /** @param {number} quantum Samples of the piece that the block ends in. */
  #send(quantum) {
    const at = (currentFrame + quantum - BLOCK) / sampleRate;
    this.port.postMessage({ samples: this.#block, at }, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
