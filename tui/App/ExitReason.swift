import FoundationEssentials
import KassaClient

/// How `kassa` ended, for scripts; `kassa --help` lists the same.
enum ExitReason: Int32, Error {
    case success = 0
    /// `order place --wait` and `order watch ID`: the order ended FAILED. `status`: not ready.
    /// `audit`: something is wrong.
    case failed = 1
    case refused = 2
    case gatewayTrouble = 3
    case outcomeUnknown = 4
    case stillPending = 5
    case noTerminal = 6
    /// A file of kassa's own cannot be used.
    case badSettings = 7

    init(_ failure: CallFailure) {
        self =
            if failure.isOutcomeUnknown {
                .outcomeUnknown
            } else if failure.kind == .refused {
                .refused
            } else {
                .gatewayTrouble
            }
    }

    static let help = """
        EXIT CODES
          0   done; PAID; ready; the books balance
          1   the order ended FAILED; the system is not ready; the books do not balance
          2   refused: no such account or order, one that exists, a bad value
          3   the gateway cannot be reached or is in trouble; nothing changed
          4   no answer, so it may have been done: try again with the --key that is named
          5   accepted, and still PENDING after --timeout
          6   there is no terminal to draw the dashboard on
          7   the configuration or the token file cannot be used
          64  the command line is wrong
        """
}

/// What went wrong, in one line that says what to do.
struct Complaint: Error {
    let message: String
    let reason: ExitReason

    init(_ message: String, _ reason: ExitReason) {
        self.message = message
        self.reason = reason
    }
}

/// Makes a call that changes something, under a key.
///
/// - Parameter given: the key of an earlier try; nil makes one.
/// - Throws: ``Complaint`` that names the key, where it is unknown whether it was done.
func underKey<Value>(
    _ given: String?, _ call: (_ key: String) async throws -> Value
) async throws -> Value {
    let key = given ?? UUID().uuidString
    do {
        return try await call(key)
    } catch let failure as CallFailure where failure.isOutcomeUnknown {
        throw Complaint(
            "\(failure.advice); try again with --key \(key), which does it once at most",
            .outcomeUnknown)
    }
}

extension CallFailure {
    /// The failure in one line that says what to do.
    var advice: String {
        if isOutcomeUnknown {
            return "\(message): whether it was done is unknown"
        }
        switch kind {
        case .unreachable:
            return "\(message); is it running? (--gateway or GATEWAY_URL names another)"
        case .timedOut, .broken: return "\(message); try again, or see 'kassa status'"
        case .nonsense: return "\(message); check --gateway"
        case .serverTrouble:
            let wait = retryAfter.map { " in \($0) s" } ?? ""
            return "\(message); try again\(wait), or see 'kassa status'"
        case .refused:
            return status == 401 || status == 403 ? "\(message); check --token-file" : message
        }
    }
}
