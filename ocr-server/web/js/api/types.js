/**
 * Shapes of the API, as openapi.json describes them, and of the pages of a result, as the model in
 * ocr-core holds them. `web-tests/api.test.js` looks each field up there.
 *
 * @typedef {"pending" | "processing" | "completed" | "failed" | "cancelled"} Status
 *
 * @typedef {object} Progress
 * @property {number} pages_done
 * @property {number} pages_total
 * @property {number} percent
 * @property {string} message
 *
 * @typedef {object} Task
 * @property {string} id
 * @property {string} user_id
 * @property {string} file_id
 * @property {string} filename
 * @property {string} mime_type
 * @property {number} file_size
 * @property {Status} status
 * @property {string} created_at
 * @property {string} updated_at
 * @property {string} [deleted_at]
 * @property {string} [purge_at]
 * @property {string} s3_key
 * @property {string | null} s3_result_key
 * @property {number | null} confidence_score
 * @property {number | null} page_count
 * @property {number | null} word_count
 * @property {number | null} processing_time_ms
 * @property {string | null} engine
 * @property {string} [same_as]
 * @property {string | null} error_message
 * @property {string | null} error_code
 * @property {number} attempt
 * @property {string} [takeover_at]
 * @property {Progress | null} progress
 * @property {number | null} [queue_position]
 * @property {string[]} labels
 * @property {string | null} collection
 * @property {string} note
 *
 * @typedef {{ total: number, pending: number, processing: number, completed: number, failed: number, cancelled: number }} Stats
 *
 * @typedef {{ tasks: Task[], stats: Stats, nextCursor: string | null }} TaskPage
 * @typedef {{ task: Task }} OneTask
 * @typedef {{ deleted: number, more: boolean }} EmptiedTrash
 * @typedef {{ redriven: number, skipped: number, more: boolean }} Redriven
 * @typedef {{ taskId: string }} Accepted
 * @typedef {{ status: Status, holding: string, ahead: number | null, until: string | null, deadlineAt: string | null, cause: string | null, worker: string | null, attempt: number, failures: number, maxFailures: number, crashes: number, maxCrashes: number, message: string, next: string }} Explanation
 * @typedef {{ downloadUrl: string }} DownloadLink
 * @typedef {{ resultUrl: string }} ResultLink
 * @typedef {{ fileId: string, partSize: number }} PartsLink
 * @typedef {{ parts: number[] }} StoredParts
 *
 * @typedef {{ name: string, version: string, default: boolean, languages: string[] }} Engine
 * @typedef {{ engines: Engine[], message: string | null, max_file_bytes?: number }} Engines
 *
 * @typedef {{ name: string, mediaType: string, extension: string }} Format
 * @typedef {{ formats: Format[] }} Formats
 *
 * @typedef {[number, number]} Point
 * @typedef {[Point, Point, Point, Point]} Polygon
 * @typedef {{ text: string, polygon: Polygon, confidence: number }} Word
 * @typedef {{ text: string, polygon: Polygon, confidence: number, words: Word[] }} Line
 * @typedef {{ kind: string, polygon: Polygon, lines: Line[], table?: Table }} Block
 *
 * @typedef {{ rows: number, columns: number, cells: Cell[], title?: string, footer?: string }} Table
 *
 * @typedef {object} Cell
 * @property {number} row
 * @property {number} column
 * @property {number} rowSpan
 * @property {number} columnSpan
 * @property {"data" | "column-header" | "title" | "section-title" | "footer" | "summary"} kind
 * @property {string} text
 * @property {boolean} [selected]
 * @property {Polygon} polygon
 * @property {number} confidence
 *
 * @typedef {object} Field
 * @property {string} key
 * @property {Polygon} keyPolygon
 * @property {string} value
 * @property {Polygon} [valuePolygon]
 * @property {boolean} [selected]
 * @property {number} confidence
 *
 * @typedef {{ selected: boolean, polygon: Polygon, confidence: number }} Selection
 * @typedef {{ query: string, text?: string, polygon?: Polygon, confidence: number }} Answer
 *
 * @typedef {object} Page
 * @property {number} number
 * @property {number} width
 * @property {number} height
 * @property {number} [dpi]
 * @property {number} rotation
 * @property {number} skew
 * @property {"ocr" | "text-layer" | "mixed" | "empty"} source
 * @property {string} [language]
 * @property {number} [confidence]
 * @property {Block[]} blocks
 * @property {Field[]} [fields]
 * @property {Selection[]} [selections]
 * @property {Answer[]} [answers]
 * @property {number} elapsedMs
 * @property {string[]} [warnings]
 * @property {string} [error]
 * @property {string} [digest]
 * @property {{ taskId: string, page: number }} [sameAs]
 *
 * @typedef {{ pages: Page[] }} Pages
 *
 * @typedef {object} Corrections
 * @property {number} version
 * @property {Page} page
 * @property {ChangedWord[]} changed
 * @property {Deletion[]} deleted
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {number} earlier
 *
 * @typedef {{ index: number, original: string }} ChangedWord
 * @typedef {{ edit: number, text: string, polygon: Polygon }} Deletion
 * @typedef {{ corrections: Corrections, carried: Carried[] }} CarriedOver
 * @typedef {{ version: number, fate: "carried" | "already-read" | "not-found", original: string, text: string | null }} Carried
 *
 * @typedef {(
 *   | { op: "set-text", word: number, text: string }
 *   | { op: "split-word", word: number, parts: string[] }
 *   | { op: "join-words", word: number, count: number, text?: string }
 *   | { op: "delete-word", word: number }
 *   | { op: "add-word", text: string, polygon: Polygon }
 *   | { op: "move-line", line: number, before: number }
 *   | { op: "delete-line", line: number }
 *   | { op: "restore", edit: number }
 *   | { op: "set-cell", block: number, row: number, column: number, text: string }
 *   | { op: "set-field", field: number, value: string }
 * )} Operation
 *
 * @typedef {{ documents: DoubtfulDocument[], lookedAt: number, progress: ReviewProgress, nextCursor: string | null }} Review
 * @typedef {{ words: number, wordsLeft: number, pages: number, pagesLeft: number }} ReviewProgress
 * @typedef {{ taskId: string, filename: string, pages: DoubtfulPage[], reviewed: number[], more: boolean }} DoubtfulDocument
 * @typedef {{ number: number, doubtful: number, asRead: number, total: number, words: FoundWord[] }} DoubtfulPage
 * @typedef {{ corrections: CommonCorrection[], documents: number, sampled: boolean }} CommonCorrections
 * @typedef {{ engine: string, original: string, text: string, count: number }} CommonCorrection
 *
 * @typedef {{ filings: FiledTask[] }} Filings
 * @typedef {{ taskId: string, filing: Filing }} FiledTask
 * @typedef {{ labels: string[], collection: string | null, note: string }} Filing
 * @typedef {{ labels: NameCount[], collections: NameCount[] }} FilingNames
 * @typedef {{ name: string, count: number }} NameCount
 *
 * @typedef {{ searches: SavedSearch[] }} SavedSearches
 * @typedef {{ id: string, name: string, query: string }} SavedSearch
 *
 * @typedef {object} SearchHit
 * @property {string} taskId
 * @property {string} filename
 * @property {number} page
 * @property {"exact" | "confusable" | "typing"} exactness
 * @property {number} score
 * @property {Snippet} snippet
 * @property {FoundWord[]} words
 *
 * @typedef {{ text: string, ranges: [number, number][] }} Snippet
 * @typedef {{ index: number, text: string, polygon: Polygon, confidence: number }} FoundWord
 * @typedef {{ hits: SearchHit[], nextCursor: string | null }} SearchAnswer
 *
 * @typedef {{ day: string, completed: number, failed: number, pages: number, words: number, mean_confidence: number | null, p50_ms: number | null, p95_ms: number | null }} DayStats
 * @typedef {{ engine: string, documents: number, pages: number, p50_ms: number | null, p95_ms: number | null }} EngineStats
 * @typedef {{ stats: Stats, days: DayStats[], engines: EngineStats[], sampled?: boolean }} Statistics
 *
 * @typedef {{ engine: string, documents: number, pages: number, words: number, billedPages: number, costMicros: number }} EngineUsage
 * @typedef {{ from: string, documents: number, bytes: number, pages: number, words: number, billedPages: number, costMicros: number, engines: EngineUsage[] }} PeriodUsage
 * @typedef {{ quota: string, limit: number | null, used: number, remaining: number | null, resetsAt: string | null }} QuotaStatus
 * @typedef {{ today: PeriodUsage, month: PeriodUsage, quotas: QuotaStatus[] }} UsageReport
 * @typedef {{ quotas: Record<string, number | null> }} QuotaLimits
 *
 * @typedef {{ id: string, name: string, role: "user" | "admin" }} User
 * @typedef {{ auth: "none" | "local" | "oidc", user: User | null, setUpNeeded: boolean }} SessionState
 * @typedef {{ user: User }} SignedIn
 * @typedef {{ active: boolean, recoveryLeft: number }} SecondFactor
 * @typedef {{ secret: string, uri: string }} NewSecondFactor
 * @typedef {{ recoveryCodes: string[] }} RecoveryCodes
 * @typedef {{ id: string, createdAt: string, lastUsedAt: string, expiresAt: string, agent: string, address: string, current: boolean }} AccountSession
 * @typedef {{ sessions: AccountSession[] }} SessionList
 * @typedef {{ id: string, name: string, prefix: string, scope: "read" | "write" | "admin", createdAt: string, expiresAt: string | null, lastUsedAt: string | null }} ApiKey
 * @typedef {{ keys: ApiKey[] }} KeyList
 * @typedef {{ key: ApiKey, secret: string }} CreatedKey
 * @typedef {{ id: string, name: string, role: "user" | "admin", disabled: boolean, hasPassword: boolean, createdAt: string, lastSignIn: string | null }} Account
 * @typedef {{ users: Account[], nextAfter: string | null }} AccountList
 * @typedef {{ user: Account, link: string | null }} AccountLink
 * @typedef {{ link: string }} ResetLink
 * @typedef {{ id: string, at: string, actor: string | null, actorName: string | null, action: string, object: string, address: string }} AuditEntry
 * @typedef {{ entries: AuditEntry[], nextBefore: string | null }} AuditPage
 * @typedef {{ recorded: string, entries: AuditEntry[], nextBefore: string | null }} TaskAudit
 *
 * @typedef {{ id: string, taskId: string, createdAt: string, expiresAt: string, hasPassword: boolean, maxOpens: number | null, opens: number, formats: string[] }} Share
 * @typedef {{ shares: Share[] }} ShareList
 * @typedef {{ share: Share, link: string }} CreatedShare
 * @typedef {{ filename: string, status: Status, pageCount: number | null, formats: string[], expiresAt: string }} SharedDocument
 * @typedef {{ pages: Page[] }} SharedPages
 *
 * @typedef {{ engine: string, languages: string, pages: string, textLayer?: string, readAgain?: boolean }} UploadOptions
 */
export {};
