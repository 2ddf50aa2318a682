#![doc = include_str!("../README.md")]

use ocr_core::{
    ErrorKind, Result,
    blob::ByteStream,
    id::{TaskId, UserId},
    model::TaskStatus,
    service::{OcrService, SubmitRequest},
    store::Scope,
};

/// An application: invoices come in, and their totals are looked up.
///
/// It knows the use cases of the platform and none of its adapters, which is all that makes it testable.
#[derive(Debug, Clone)]
pub struct InvoiceDesk {
    service: OcrService,
    owner: UserId,
}

/// What is known of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invoice {
    /// It has not been read yet.
    Waiting,
    /// It was read, and says this after `Total:`.
    Total(String),
    /// It was read, and has no total.
    WithoutTotal,
    /// It could not be read, for this reason.
    Unreadable(String),
}

impl InvoiceDesk {
    /// The desk of `owner`.
    pub fn new(service: OcrService, owner: UserId) -> Self {
        Self { service, owner }
    }

    /// Takes an invoice in. The same `number` twice is the same invoice.
    pub async fn take_in(&self, number: &str, document: ByteStream) -> Result<TaskId> {
        let request = SubmitRequest::new(format!("{number}.pdf")).with_idempotency_key(Some(number.into()));
        let submitted = self.service.submit(self.owner, request, document).await?;
        Ok(submitted.into_task().id)
    }

    /// What is known of it now; `None` where there is no such invoice.
    pub async fn look_up(&self, id: TaskId) -> Result<Option<Invoice>> {
        let scope = Scope::owner(self.owner);
        let task = match self.service.get(scope, id).await {
            Ok(task) => task,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(match task.state.status {
            TaskStatus::Completed => {
                let text = self.service.result(scope, id).await?.text;
                total(&text).map_or(Invoice::WithoutTotal, Invoice::Total)
            }
            TaskStatus::Failed => {
                let failure = task.state.failure.map(|failure| failure.message);
                Invoice::Unreadable(failure.unwrap_or_default())
            }
            _ => Invoice::Waiting,
        }))
    }
}

/// What stands after `Total:`.
fn total(text: &str) -> Option<String> {
    let amount = text.lines().find_map(|line| line.trim().strip_prefix("Total:"))?;
    Some(amount.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_what_stands_after_the_word() {
        assert_eq!(total("INVOICE\n Total: 93.50 \n").as_deref(), Some("93.50"));
        assert_eq!(total("Totally: 1"), None);
    }
}
