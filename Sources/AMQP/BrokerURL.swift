import CRabbitMQ
import Glibc

/// Where a broker is and who asks: `amqp://user:password@host:port/vhost`, or
/// `amqps` with TLS.
///
/// Printing one never shows the password.
package struct BrokerURL: Sendable, Equatable {
    /// The broker's name or address.
    package let host: String
    /// Its TCP port, 5672 unless the URL says otherwise, 5671 for amqps.
    package let port: Int
    /// The user, `guest` unless the URL says otherwise.
    package let user: String
    /// The virtual host. An empty path means `/`, as it does for most clients.
    package let virtualHost: String
    let password: String
    /// For amqps the file, in PEM, of those who vouch for the broker's certificate; nil for amqp.
    package let certificateAuthority: String?

    /// Where Debian keeps the authorities that everybody trusts.
    package static let commonAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Reads a URL; escapes such as `%2F` are decoded.
    ///
    /// - Parameter certificateAuthority: a file in PEM; used for `amqps` alone.
    /// - Throws: ``AMQPError`` `.invalidURL` for anything else.
    package init(
        _ text: String, certificateAuthority: String = commonAuthorities
    ) throws(AMQPError) {
        guard !text.utf8.contains(0), let copy = strdup(text) else {
            throw AMQPError(.invalidURL, "The broker's URL holds a NUL.")
        }
        defer { free(copy) }
        var info = amqp_connection_info()
        guard amqp_parse_url(copy, &info) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .invalidURL, "The broker's URL is not amqp(s)://user:password@host:port/vhost.")
        }
        self.certificateAuthority = info.ssl == 0 ? nil : certificateAuthority
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
