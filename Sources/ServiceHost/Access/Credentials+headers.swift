import Access
package import HTTPTypes

extension Credentials {
    /// What a request shows. Where a field comes twice its values are joined, which makes no token.
    package init(_ headers: HTTPFields) {
        self.init(
            authorization: headers[.authorization], statedCaller: headers[.kassaCaller],
            statedRole: headers[.kassaCallerRole])
    }
}

extension HTTPFault {
    /// The refusal as it goes to the caller: 401 with `WWW-Authenticate`, 403 or 400.
    package init(_ refusal: AccessRefusal) {
        switch refusal {
        case .notAuthenticated:
            self.init(.unauthorized, refusal.words, headers: [.wwwAuthenticate: "Bearer"])
        case .needs: self.init(.forbidden, refusal.words)
        case .unreadableCaller: self.init(.badRequest, refusal.words)
        }
    }
}
