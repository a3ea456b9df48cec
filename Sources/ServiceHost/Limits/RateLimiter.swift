package import Access
import Glibc
import HTTPTypes
package import NIOCore
import Synchronization

/// Who sends requests, as far as the rate limit goes: an IPv4 address, an IPv6 network of 64 bits
/// (whoever has one has them all), or a caller who showed a token.
package struct ClientKey: Hashable, Sendable {
    private enum Kind: Hashable {
        case caller(String)
        case address(UInt32)
        case network(UInt64)
        case unknown
    }

    private let kind: Kind

    /// A caller who showed a token; nil for anybody.
    package init?(_ caller: Caller?) {
        guard let caller, caller.role != nil else { return nil }
        kind = .caller(caller.name)
    }

    /// An address; nil, as of a local socket, is a client like any other.
    package init(_ address: SocketAddress?) {
        kind =
            address?.withSockAddr { storage, size in
                let bytes = UnsafeRawBufferPointer(start: storage, count: size)
                // Where sockaddr_in and sockaddr_in6 have the address.
                return switch address {
                case .v4: .address(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
                case .v6: .network(bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                default: .unknown
                }
            } ?? .unknown
    }

    /// An address in gRPC's text: `ipv4:192.0.2.1:5000`, `ipv6:[2001:db8::1]:5000`.
    package init(peer: String) {
        var host = peer.drop { $0 != ":" }.dropFirst()
        if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        let bare = host.filter { $0 != "[" && $0 != "]" }
        self.init(try? SocketAddress(ipAddress: String(bare), port: 0))
    }
}

/// Holds each client to so many requests a second; nothing is held where the rate is 0.
package final class RateLimiter: Sendable {
    private let isOn: Bool
    private let buckets: Mutex<TokenBuckets<ClientKey>>

    /// - Parameter limits: the rate and the burst.
    package init(_ limits: RequestLimits) {
        isOn = limits.rate > 0
        buckets = Mutex(TokenBuckets(rate: isOn ? limits.rate : 1, burst: limits.burst))
    }

    /// Counts one request.
    ///
    /// - Throws: ``HTTPFault`` 429 with `Retry-After` in whole seconds.
    package func admit(_ client: @autoclosure () -> ClientKey) throws(HTTPFault) {
        guard isOn else { return }
        let client = client()
        guard let wait = buckets.withLock({ $0.take(client, at: .now) }) else { return }
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        throw HTTPFault(
            .tooManyRequests, "Too many requests", headers: [.retryAfter: "\(seconds)"])
    }
}
