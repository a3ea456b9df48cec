import JSON
import NIOHTTP1

/// A whole answer of the gateway.
struct Answer {
    /// Whether it answers a POST.
    let changesSomething: Bool
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    func field(_ name: String) -> String? { headers.first(name: name) }

    /// The body as JSON.
    ///
    /// - Throws: ``CallFailure`` `.nonsense` where it is none.
    func json() throws(CallFailure) -> JSONValue {
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw .nonsense("byte \(error.offset): \(error.reason)")
        }
    }

    /// The parameter `before` of the `Link` to the next page; nil where none follows.
    var nextBefore: String? {
        guard let link = field("Link"), link.contains("rel=\"next\""),
            let start = link.firstIndex(of: "?"), let end = link.firstIndex(of: ">"), start < end
        else { return nil }
        return link[link.index(after: start)..<end].split(separator: "&")
            .first { $0.hasPrefix("before=") }
            .flatMap { PercentEncoding.decode($0.dropFirst("before=".count)) }
    }
}

extension CallFailure {
    static func nonsense(_ reason: String) -> CallFailure {
        CallFailure(.nonsense, "the answer is not a Kassa gateway's (\(reason))")
    }
}
