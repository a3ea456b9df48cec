package import Access
import Synchronization

/// What a caller shows at a door; HTTP headers and gRPC metadata say it in the same words.
package struct Credentials: Sendable {
    /// `Authorization`.
    package var authorization: String?
    /// `Kassa-Caller`: for whom a service speaks.
    package var statedCaller: String?
    /// `Kassa-Caller-Role`: what that caller may do.
    package var statedRole: String?

    /// - Parameters: as the properties.
    package init(
        authorization: String? = nil, statedCaller: String? = nil, statedRole: String? = nil
    ) {
        self.authorization = authorization
        self.statedCaller = statedCaller
        self.statedRole = statedRole
    }

    /// The token of `Authorization: Bearer …`; nil where there is none.
    fileprivate var token: String? {
        guard let words = authorization?.split(separator: " "), words.count == 2,
            words[0].lowercased() == "bearer"
        else { return nil }
        return String(words[1])
    }
}

/// Why somebody may not come in.
package enum AccessRefusal: Error, Sendable, Equatable {
    /// No token, or one that nobody has.
    case notAuthenticated
    /// The caller's role is below the one that the call needs.
    case needs(Role)
    /// A service spoke for a caller, but not in a readable way.
    case unreadableCaller

    /// The refusal in the words that both doors use.
    package var words: String {
        switch self {
        case .notAuthenticated: "Not authenticated"
        case .needs(let role):
            "This call needs the \(role.rawValue) role"
        case .unreadableCaller: "Kassa-Caller needs a name and a Kassa-Caller-Role"
        }
    }
}

/// Decides who comes in: the one place that both doors ask.
///
/// Without tokens everybody does; a daemon then serves on loopback alone, unless its operator
/// insists. The tokens may be replaced while it serves.
package final class AccessGuard: Sendable {
    private let tokens: Mutex<TokenSet?>

    /// - Parameter tokens: those that are known; nil lets everybody in.
    package init(tokens: TokenSet?) { self.tokens = Mutex(tokens) }

    /// Takes other tokens from now on. A call that was let in already goes on.
    package func replace(_ tokens: TokenSet) { self.tokens.withLock { $0 = tokens } }

    /// Who it is.
    ///
    /// A caller whose token has the role service may speak for another, who then counts; from all
    /// others such a statement is worth nothing.
    ///
    /// - Parameter credentials: not even looked at where nobody needs any.
    package func identify(
        _ credentials: @autoclosure () -> Credentials
    ) -> Result<Caller, AccessRefusal> {
        guard let tokens = tokens.withLock({ $0 }) else { return .success(.anonymous) }
        let credentials = credentials()
        guard let token = credentials.token, let holder = tokens.caller(showing: token) else {
            return .failure(.notAuthenticated)
        }
        guard holder.role == .service,
            credentials.statedCaller != nil || credentials.statedRole != nil
        else { return .success(holder) }
        guard let name = credentials.statedCaller.flatMap({ CallerName($0) }),
            let role = credentials.statedRole.flatMap({ Role(rawValue: $0) })
        else { return .failure(.unreadableCaller) }
        return .success(Caller(name: name.text, role: role))
    }

    /// Who it is, if they may do what the call needs.
    package func admit(
        _ credentials: @autoclosure () -> Credentials, needing role: Role
    ) throws(AccessRefusal) -> Caller {
        try identify(credentials()).get(needing: role)
    }
}

extension Result where Success == Caller, Failure == AccessRefusal {
    /// The caller, if they may do what the call needs. A caller without a role is anybody, where
    /// there are no tokens.
    func get(needing needed: Role) throws(AccessRefusal) -> Caller {
        let caller = try get()
        guard caller.role.map({ $0 >= needed }) ?? true else {
            throw .needs(needed)
        }
        return caller
    }
}
