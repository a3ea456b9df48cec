/// The three things an operator can ask for.
package enum FormKind: String, Hashable, Sendable, CaseIterable {
    case openAccount, deposit, placeOrder

    /// The heading.
    package var title: String {
        switch self {
        case .openAccount: "Create account"
        case .deposit: "Deposit"
        case .placeOrder: "Place order"
        }
    }
}

/// A form and what has been typed into it; it outlives Esc.
package struct Form: Sendable {
    /// Where the cursor is.
    package enum Focus: Hashable, Sendable {
        case field(Int)
        case submit
        case cancel
    }

    /// How far a submission is.
    package enum Phase: Hashable, Sendable {
        case editing
        case sending(since: Instant)
        /// It may or may not have been carried out: submitting the same again re-uses the key.
        case unknown(since: Instant)
    }

    /// What it is for.
    package let kind: FormKind
    /// Set by the first press of Submit where the answer to other contents is still unknown: the
    /// second one sends.
    var isSure = false
    /// Whether an earlier try under the present key may have been carried out.
    var wasUnknown = false
    /// The fields, in the order of Tab.
    package var fields: [FormField]
    /// Where the cursor is.
    package var focus: Focus = .field(0)
    /// How far a submission is.
    package var phase: Phase = .editing
    /// What concerns no single field: a refusal, a warning, what UNKNOWN means.
    package var notice: String?
    /// The key that the next submit would carry.
    package var key: String
    /// What went out under ``key`` last; nil while nothing has.
    package var sent: Submission.Content?
    /// Accounts that complete what is typed, best first; empty where there is nothing to choose.
    package var suggestions: [AccountRow] = []
    /// The suggestion that Enter or Tab would take.
    package var highlighted: Int?
}

/// One field of a form.
package struct FormField: Sendable {
    /// The contract's names.
    package enum Name: String, Hashable, Sendable {
        case user = "user_id"
        case amount
        case description
    }

    /// The contract's name.
    package let name: Name
    /// The label.
    package let label: String
    /// What has been typed.
    package var input = TextInput()
    /// Whether something has been typed: an untouched empty field is not scolded.
    package var isTouched = false
    /// What is wrong by the contract's rules, restated here; nil when fine.
    package var complaint: String?
    /// What the server said of this field; gone with the next edit.
    package var refusal: String?

    /// What to show beside the field.
    package var message: String? { refusal ?? (isTouched ? complaint : nil) }
}
