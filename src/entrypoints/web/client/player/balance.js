/**
 * Levels at which stems sound much like the finished mix: the voice just above the band, and as loud as the mix.
 *
 * As the mixing desk of the service does it (adapters/audio/mix/balance.py): the voice is 2 dB above the ducked band
 * where it sings, both heard between 200 and 4000 Hz.
 */

const RATE = 11_025;
const PIECES_PER_SECOND = 20;
const VOICE_OVER_BAND_DB = 1; // of 2 dB, less what nobody ducks here
const SINGING_DB = -26;
const LONGEST_LIFT_DB = 24;
const MIX_ENERGY = 0.012; // of a mix at −14 LUFS, between 200 and 4000 Hz

/** @typedef {Float32Array} Energies Mean squares of pieces of 50 ms. */

/**
 * @param {AudioBuffer} sound
 * @returns {Promise<Energies>}
 */
export async function energiesOf(sound) {
  const context = new OfflineAudioContext(1, Math.ceil(sound.duration * RATE), RATE);
  const low = new BiquadFilterNode(context, { type: "highpass", frequency: 200 });
  const high = new BiquadFilterNode(context, { type: "lowpass", frequency: 4000 });
  const source = new AudioBufferSourceNode(context, { buffer: sound });
  source.connect(low).connect(high).connect(context.destination);
  source.start();
  const samples = (await context.startRendering()).getChannelData(0);
  const piece = Math.floor(RATE / PIECES_PER_SECOND);
  return Float32Array.from({ length: Math.floor(samples.length / piece) }, (_, index) =>
    mean(samples.subarray(index * piece, (index + 1) * piece).map((sample) => sample * sample)));
}

/**
 * Return the factors of the voice and of the band.
 * @param {{ voice?: Energies, band?: Energies, mix?: Energies }} heard What is there of them.
 * @returns {{ voice: number, band: number }}
 */
export function balance({ voice, band, mix }) {
  const sings = voice && singing(voice);
  const over = sings && band ? decibels(VOICE_OVER_BAND_DB) * ratio(at(band, sings), at(voice, sings)) : 1;
  const lift = Math.min(Math.max(over, decibels(-LONGEST_LIFT_DB)), decibels(LONGEST_LIFT_DB));
  const sum = (voice ? mean(voice) * lift * lift : 0) + (band ? mean(band) : 0);
  const loud = sum > 0 ? Math.sqrt((mix ? mean(mix) : MIX_ENERGY) / sum) : 1;
  return { voice: lift * loud, band: loud };
}

/**
 * Return the energies of players that are heard together.
 * @param {Energies[]} players
 * @returns {Energies | undefined}
 */
export function sumOf(players) {
  return players.length ? players[0].map((_, piece) => players.reduce((sum, player) => sum + (player[piece] ?? 0), 0)) : undefined;
}

/** @param {number} db @returns {number} A factor. */
export const decibels = (db) => 10 ** (db / 20);

/** @param {Energies} voice @returns {boolean[]} */
function singing(voice) {
  const least = Math.max(...voice) * decibels(SINGING_DB) ** 2;
  return Array.from(voice, (energy) => energy > least);
}

/**
 * @param {Energies} energies
 * @param {boolean[]} pieces Which of them count.
 */
function at(energies, pieces) {
  return mean(energies.filter((_, index) => pieces[index]));
}

/**
 * @param {number} above
 * @param {number} below
 */
function ratio(above, below) {
  return below > 0 && above > 0 ? Math.sqrt(above / below) : 1;
}

/** @param {ArrayLike<number>} values */
function mean(values) {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index];
  return values.length ? sum / values.length : 0;
}
