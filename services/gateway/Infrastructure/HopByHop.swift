import HTTPTypes

/// Header fields that are about one connection and end there (RFC 9110, section 7.6.1).
enum HopByHop {
    private static let names: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        // Made anew by each side's own HTTP library.
        "host", "content-length", "expect", "date",
        // Shown at this door; at the next one the gateway shows its own.
        "authorization", "kassa-caller", "kassa-caller-role",
    ]

    /// The fields that travel on, in their order.
    static func removed(from fields: HTTPFields) -> HTTPFields {
        let named = fields[values: .connection]
            .flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        return HTTPFields(
            fields.lazy.filter {
                !names.contains($0.name.canonicalName) && !named.contains($0.name.canonicalName)
            })
    }
}
