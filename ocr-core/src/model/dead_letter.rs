//! Dead letters: tasks that failed although their document is not to blame, so that somebody should look at them.

use super::{DEADLINE_PASSED, POISON, TaskState, TaskStatus};

/// Why a task is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeadLetterCause {
    /// It stopped the process that read it as often as is allowed.
    Poison,
    /// It had not ended when its time was over.
    DeadlinePassed,
    /// It failed as often as is allowed, for reasons that might have passed.
    AttemptsExhausted,
    /// It failed at once, for want of something that the platform should have: its bytes, a permission.
    Refused,
}

impl DeadLetterCause {
    /// Stable snake_case name, used in API answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poison => "poison",
            Self::DeadlinePassed => "deadline_passed",
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::Refused => "refused",
        }
    }

    /// Why a task in this state is a dead letter; `None` for one that is none: it has not failed, or its document is
    /// to blame.
    pub fn of(state: &TaskState) -> Option<Self> {
        if state.status != TaskStatus::Failed {
            return None;
        }
        let code = state.failure.as_ref().map(|failure| failure.code.as_str());
        match code {
            Some(POISON) => Some(Self::Poison),
            Some(DEADLINE_PASSED) => Some(Self::DeadlinePassed),
            _ if state
                .failure
                .as_ref()
                .is_some_and(super::TaskFailure::is_documents_own) =>
            {
                None
            }
            _ if state.failures >= state.max_attempts => Some(Self::AttemptsExhausted),
            _ => Some(Self::Refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DOCUMENT_FAULTS, TaskFailure};

    fn cause(code: &str, failures: u32) -> Option<DeadLetterCause> {
        let state = TaskState::pending(3)
            .with_status(TaskStatus::Failed)
            .with_failures(failures)
            .with_failure(TaskFailure::new(code, "no"));
        DeadLetterCause::of(&state)
    }

    #[test]
    fn a_document_that_is_to_blame_is_no_dead_letter() {
        for code in DOCUMENT_FAULTS {
            assert_eq!(cause(code, 1), None, "{code}");
        }
        assert_eq!(DeadLetterCause::of(&TaskState::pending(3)), None);
    }

    #[test]
    fn whatever_else_fails_is_one() {
        assert_eq!(cause("poison", 0), Some(DeadLetterCause::Poison));
        assert_eq!(cause("deadline_passed", 0), Some(DeadLetterCause::DeadlinePassed));
        assert_eq!(cause("timeout", 3), Some(DeadLetterCause::AttemptsExhausted));
        assert_eq!(cause("permission_denied", 1), Some(DeadLetterCause::Refused));
        let by_hand = TaskState::pending(3).with_status(TaskStatus::Failed);
        assert_eq!(DeadLetterCause::of(&by_hand), Some(DeadLetterCause::Refused));
    }
}
