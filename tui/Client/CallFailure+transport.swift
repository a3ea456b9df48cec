import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension CallFailure {
    /// Sorts what async-http-client throws.
    ///
    /// - Parameters:
    ///   - gateway: for the words.
    ///   - changesSomething: whether the call is a POST, whose outcome is unknown once it was sent.
    init(_ error: any Error, gateway: String, changesSomething: Bool) {
        if let failure = error as? CallFailure {
            self = failure
            return
        }
        let kind = Self.kind(of: error)
        let cause = Self.cause(of: error)
        let words =
            switch kind {
            case .unreachable:
                "cannot reach the gateway at \(gateway)" + (cause.isEmpty ? "" : ": \(cause)")
            case .timedOut: "the gateway at \(gateway) did not answer in time"
            default: "the connection to the gateway at \(gateway) broke off"
            }
        self.init(
            kind, words, cause: cause, isOutcomeUnknown: changesSomething && kind != .unreachable)
    }

    private static func kind(of error: any Error) -> Kind {
        switch error {
        case let error as HTTPClientError: kind(of: error)
        case is NIOConnectionError, ChannelError.connectTimeout: .unreachable
        case let error as IOError:
            // These can only come from connecting: nothing was sent.
            [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode)
                ? .unreachable : .broken
        case is SocketAddressError, is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            // A door that cannot prove who it is was told nothing.
            .unreachable
        default: .broken
        }
    }

    private static func kind(of error: HTTPClientError) -> Kind {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout: .timedOut
        case .connectTimeout, .getConnectionFromPoolTimeout, .alreadyShutdown, .tlsHandshakeTimeout,
            .invalidURL, .emptyHost, .emptyScheme:
            .unreachable
        case .cancelled: .timedOut
        default: .broken
        }
    }

    private static func cause(of error: any Error) -> String {
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            return "no TLS with a certificate that can be trusted (--ca-file says whom to trust)"
        }
        let errors =
            (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        for case let error as IOError in errors {
            return String(cString: strerror(error.errnoCode)).lowercased()
        }
        return ""
    }
}
