import CRabbitMQ
import Glibc

/// Where a broker is and who asks: `amqp://user:password@host:port/vhost`.
///
/// Printing one never shows the password.
package struct BrokerURL: Sendable, Equatable {
    /// The broker's name or address.
    package let host: String
    /// Its TCP port, 5672 unless the URL says otherwise.
    package let port: Int
    /// The user, `guest` unless the URL says otherwise.
    package let user: String
    /// The virtual host. An empty path means `/`, as it does for most clients.
    package let virtualHost: String
    let password: String

    /// Reads a URL; escapes such as `%2F` are decoded.
    ///
    /// Throws ``AMQPError`` `.invalidURL` for anything else, and for `amqps`: a connection that
    /// was asked to be encrypted must never be made in the clear.
    package init(_ text: String) throws(AMQPError) {
        guard !text.utf8.contains(0), let copy = strdup(text) else {
            throw AMQPError(.invalidURL, "The broker's URL holds a NUL.")
        }
        defer { free(copy) }
        var info = amqp_connection_info()
        guard amqp_parse_url(copy, &info) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .invalidURL, "The broker's URL is not amqp://user:password@host:port/vhost.")
        }
        guard info.ssl == 0 else {
            throw AMQPError(.invalidURL, "amqps is not supported: use amqp on a trusted network.")
        }
        host = String(cString: info.host)
        port = Int(info.port)
        user = String(cString: info.user)
        password = String(cString: info.password)
        let path = String(cString: info.vhost)
        virtualHost = path.isEmpty ? "/" : path
    }
}

extension BrokerURL: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(user)@\(host):\(port) vhost \(virtualHost)" }

    /// `dump` and the debugger show what ``description`` shows.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
