/// The `Link` header (RFC 8288) by which a list leads on.
package enum PageLink {
    /// - Parameters:
    ///   - path: of the list.
    ///   - parameters: of the next page, in order; those without a value are left out.
    /// - Returns: `</path?…>; rel="next"`.
    package static func next(_ path: String, _ parameters: [(String, String?)]) -> String {
        let query = parameters.compactMap { name, value in
            value.map { "\(name)=\(PercentCoding.encode($0))" }
        }
        return "<\(path)?\(query.joined(separator: "&"))>; rel=\"next\""
    }
}
