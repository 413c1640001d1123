/**
 * What the API sends (docs/api.md); only what the page uses.
 *
 * @typedef {"PENDING" | "ANALYZING" | "RENDERING" | "MIXING" | "COMPLETED" | "FAILED" | "CANCELLED"} State
 *
 * @typedef {object} Artifact A file of a moment.
 * @property {string} name
 * @property {string} content_type
 * @property {number | null} bytes
 * @property {number | null} seconds
 * @property {string} url
 *
 * @typedef {object} HeardNote As hummed: seconds of the recording, and a MIDI number with a fraction.
 * @property {number} onset
 * @property {number} duration
 * @property {number} pitch
 * @property {number} loudness
 *
 * @typedef {object} Analysis
 * @property {HeardNote[]} notes
 * @property {number[]} [written] The MIDI number that each note is written as.
 * @property {string} key
 * @property {number} tempo_bpm
 * @property {string} time_signature
 * @property {number[]} [beats] Seconds of the beats.
 * @property {number[]} phrases Index of the first note of each phrase.
 * @property {number} duration Seconds of the recording.
 * @property {{ key: string, confidence: number }[]} [key_candidates] The likeliest, best first.
 * @property {{ tempo_bpm: number, confidence: number }[]} [tempo_candidates] The likeliest, best first.
 * @property {{ onset: number, duration: number }[]} [sung_from] Of each note, where notes were edited.
 *
 * @typedef {object} Section
 * @property {string} name
 * @property {number} bars
 * @property {number} [energy] Left out where a client has not said it: 0.5.
 * @property {string} [prompt]
 *
 * @typedef {object} Blueprint
 * @property {string} [style]
 * @property {string} [key]
 * @property {number} [tempo_bpm]
 * @property {string} [time_signature]
 * @property {Section[]} [sections]
 * @property {{ analysis?: Analysis, [name: string]: unknown }} [metadata]
 *
 * @typedef {object} PlayedSection A section as it was played: seconds of the music.
 * @property {string} name
 * @property {number} start
 * @property {number} end
 * @property {number} bars
 * @property {number} energy
 * @property {string} key
 *
 * @typedef {object} PlayedChord A chord as it was played: seconds of the music.
 * @property {string} symbol
 * @property {number} start
 * @property {number} end
 *
 * @typedef {object} JobError
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable Whether a retry may help.
 *
 * @typedef {object} Warning
 * @property {string} code
 * @property {string} pointer
 * @property {string} message
 *
 * @typedef {object} Timing When a state or a stem began, in seconds since the job was accepted, and how long it took.
 * @property {string} name
 * @property {number} start
 * @property {number | null} seconds Null while it lasts.
 *
 * @typedef {object} Status
 * @property {string} id
 * @property {State} status
 * @property {boolean} terminal
 * @property {number} progress
 * @property {string | null} original_audio_url
 * @property {string | null} final_audio_url
 * @property {State | null} stage What runs, or has failed.
 * @property {Blueprint | null} blueprint_json
 * @property {"preview" | "song"} output_kind
 * @property {number | null} queue_position
 * @property {number | null} eta_seconds
 * @property {JobError | null} error
 * @property {string | null} waiting_for
 * @property {Warning[]} warnings
 * @property {Artifact[]} artifacts_detail
 * @property {string[]} chords
 * @property {PlayedSection[]} form
 * @property {PlayedChord[]} [harmony] The chords with their times; missing of older services.
 * @property {Timing[]} timings
 * @property {string | null} parent_id
 * @property {string | null} expires_at
 * @property {string} created_at
 *
 * @typedef {object} Style
 * @property {string} name
 * @property {string} [description] One sentence.
 * @property {[number, number]} tempo_range Beats per minute.
 * @property {string[]} words What else means it.
 * @property {string} [sample_url] A path on this host that leads to its sound.
 *
 * @typedef {object} Accepted What create-moment and remix answer.
 * @property {string} job_id
 * @property {State} status
 * @property {Warning[]} warnings
 */
export {};
