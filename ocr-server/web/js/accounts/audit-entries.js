/** Entries of the audit log, as administrators and owners of documents see them. */
import { h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { table } from "./table.js";

/** @typedef {import("../api/types.js").AuditEntry} AuditEntry */

/** What one can ask for by itself. */
export const ACTIONS = /** @type {const} */ (["signed_in", "sign_in_failed", "signed_out", "session_revoked", "account_created", "password_changed", "reset_link_created", "role_changed", "account_disabled", "account_enabled", "identity_linked", "key_created", "key_revoked", "tokens_issued", "tokens_revoked", "refresh_token_reused", "signing_key_rotated", "second_factor_added", "second_factor_removed", "second_factor_failed", "recovery_code_used", "documents_adopted", "document_submitted", "document_retried", "document_cancelled", "document_corrected", "document_filed", "document_viewed", "document_downloaded", "document_exported", "link_made", "share_created", "share_opened", "share_revoked", "document_deleted", "document_restored", "document_purged", "trash_emptied", "document_unlocked", "quotas_changed", "access_refused", "audit_exported", "audit_pruned", "user_exported", "user_erased"]);

/** @param {AuditEntry} entry */
function action(entry) {
  const known = ACTIONS.find((one) => one === entry.action);
  return known ? t(`audit.${known}`) : entry.action;
}

/** @param {AuditEntry} entry */
const who = (entry) => entry.actorName ?? entry.actor ?? (entry.address ? t("audit.nobody") : t("audit.operator"));

/**
 * @param {string} label
 * @param {AuditEntry[]} entries
 */
export function auditTable(label, entries) {
  const rows = entries.map((entry) => h("tr", null, h("td", null, dateTime(entry.at)), h("td", null, who(entry)), h("td", null, action(entry)), h("td", null, entry.object), h("td", null, entry.address)));
  return table(label, [t("audit.at"), t("audit.who"), t("audit.action"), t("audit.object"), t("account.address")], rows);
}

/**
 * What was done with one document: its name would stand in each row.
 * @param {string} label
 * @param {AuditEntry[]} entries
 */
export function documentAuditTable(label, entries) {
  const rows = entries.map((entry) => h("tr", null, h("td", null, dateTime(entry.at)), h("td", null, who(entry)), h("td", null, action(entry)), h("td", null, entry.address)));
  return table(label, [t("audit.at"), t("audit.who"), t("audit.action"), t("account.address")], rows);
}
