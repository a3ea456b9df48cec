import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension UpstreamFault {
    /// Sorts what async-http-client throws.
    init(_ error: any Error, from upstream: Upstream) {
        let kind: Kind =
            switch error {
            case let fault as UpstreamFault: fault.kind
            case let error as HTTPClientError: Self.kind(of: error)
            case let error as NIOConnectionError: Self.kind(of: error)
            case let error as IOError: Self.kind(of: error)
            case ChannelError.connectTimeout: .timedOut
            // A certificate that nobody vouches for: nothing was sent.
            case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .unavailable
            default: .broken
            }
        let reason = (error as? UpstreamFault)?.reason ?? "\(error)"
        self.init(kind: kind, upstream: upstream.name, reason: reason)
    }

    private static func kind(of error: HTTPClientError) -> Kind {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout: .timedOut
        case .getConnectionFromPoolTimeout, .alreadyShutdown: .unavailable
        default: .broken
        }
    }

    /// These can only come from connecting: nothing was sent.
    private static func kind(of error: IOError) -> Kind {
        switch error.errnoCode {
        case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL: .unavailable
        case ETIMEDOUT: .timedOut
        default: .broken
        }
    }

    private static func kind(of error: NIOConnectionError) -> Kind {
        let attempts = error.connectionErrors.map(\.error)
        let isTimeout = attempts.contains { attempt in
            if case ChannelError.connectTimeout = attempt { true } else { false }
        }
        return isTimeout ? .timedOut : .unavailable
    }
}
