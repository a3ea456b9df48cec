import Dispatch
package import Foundation
import FoundationNetworking
import Glibc

/// What a probe found.
package enum Health: Sendable, Equatable, Codable {
    case healthy
    /// Not yet, or not any more: in the words of whoever knows.
    case unhealthy(String)
}

/// Asks a server whether it serves, with a deadline on every answer.
package enum HealthProbe {
    /// `GET url` within `limit`: 200 is healthy, anything else is not, with the first 200 characters of the body.
    package static func http(_ url: URL, within limit: TimeInterval = 3) async -> Health {
        var request = URLRequest(url: url, timeoutInterval: limit)
        request.cachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        do {
            let (body, response) = try await session.data(for: request)
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            if status == 200 { return .healthy }
            return .unhealthy("\(status) \(String(decoding: body.prefix(200), as: UTF8.self))")
        } catch {
            return .unhealthy("no answer")
        }
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        // A proxy of the environment has no business with loopback.
        configuration.connectionProxyDictionary = [:]
        return URLSession(configuration: configuration)
    }()

    /// Whether an AMQP 0-9-1 broker greets us on 127.0.0.1:`port`: it listens last of all when it starts.
    package static func amqp(port: Int) async -> Health {
        await withCheckedContinuation { continuation in
            // The calls below block, for 3 s at most: not on a thread of Swift's pool.
            DispatchQueue.global().async { continuation.resume(returning: greeting(port: port)) }
        }
    }

    private static func greeting(port: Int) -> Health {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .unhealthy("no socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard withLoopbackAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            return .unhealthy("nobody listens")
        }
        let hello: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
        guard send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL)) == hello.count
        else { return .unhealthy("hangs up") }
        // A method frame on channel 0 is connection.start.
        var answer = [UInt8](repeating: 0, count: 7)
        let count = recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL))
        return count == 7 && answer[0] == 1 ? .healthy : .unhealthy("does not answer")
    }
}
