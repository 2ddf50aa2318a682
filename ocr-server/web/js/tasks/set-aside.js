/** Dead letters: documents that failed although they are not to blame, and were set aside. */

/** Codes of failures for which the document itself is to blame, as in `ocr_core::model::DOCUMENT_FAULTS`. */
export const DOCUMENT_FAULTS = ["invalid_input", "password_required", "unsupported", "unsupported_media_type", "too_large", "too_many_pages", "too_many_pixels", "out_of_memory", "out_of_time"];

/**
 * Whether a document was set aside, and can go on where it failed.
 * @param {Pick<import("../api/types.js").Task, "status" | "error_code">} task
 */
export const isSetAside = (task) => task.status === "failed" && !DOCUMENT_FAULTS.includes(task.error_code ?? "");
