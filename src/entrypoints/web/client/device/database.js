/** This browser's database for large things; where there is none, as in some private windows, nothing is kept. */

const NAME = "moment";
const VERSION = 1;
const PATIENCE_MS = 5000;
const RECORDINGS = "recordings";

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/**
 * Do something with the recordings, in one transaction; return what its request found, or null if that fails.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T> | void} work
 * @returns {Promise<T | null>}
 */
export async function inRecordings(mode, work) {
  try {
    const transaction = (await opened()).transaction(RECORDINGS, mode);
    const request = work(transaction.objectStore(RECORDINGS));
    return await new Promise((done, fail) => {
      transaction.oncomplete = () => done(request ? request.result : null);
      transaction.onabort = transaction.onerror = () => fail(transaction.error);
    });
  } catch {
    return null;
  }
}

function opened() {
  opening ??= open().catch((error) => {
    opening = null; // the next one tries again
    throw error;
  });
  return opening;
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    setTimeout(fail, PATIENCE_MS, new Error("the database does not open"));
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDINGS, { keyPath: "id" }).createIndex("at", "at");
    request.onerror = request.onblocked = () => fail(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      request.result.onclose = () => { opening = null; };
      done(request.result);
    };
  });
}
