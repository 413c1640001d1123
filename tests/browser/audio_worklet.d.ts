// What the scope of an AudioWorklet has and the types of the DOM lack (Web Audio API, 1.32.3 and 1.32.4).

/** Frames a second. */
declare const sampleRate: number;
/** The frame at which the block begins that is processed. */
declare const currentFrame: number;
/** The same in seconds. */
declare const currentTime: number;

declare abstract class AudioWorkletProcessor {
  constructor(options?: AudioWorkletNodeOptions);
  readonly port: MessagePort;
  abstract process(
    inputs: Float32Array[][],
    outputs: Float32Array[][],
    parameters: Record<string, Float32Array>,
  ): boolean;
}

declare function registerProcessor(
  name: string,
  processor: new (options: AudioWorkletNodeOptions) => AudioWorkletProcessor,
): void;
