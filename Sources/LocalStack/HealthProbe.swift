import Dispatch
import Glibc

/// What a probe found.
package enum Health: Sendable, Equatable {
    case healthy
    /// Not yet, or not any more: in the words of whoever knows.
    case unhealthy(String)
}

/// Asks a server on 127.0.0.1 whether it serves; every wait ends after 3 s.
///
/// Spoken over a bare socket: Foundation's client would send even this through the environment's
/// proxy.
package enum HealthProbe {
    /// `GET path`: 200 is healthy, anything else is not, with the first 200 characters of the
    /// answer's body.
    package static func http(port: Int, path: String = "/ready") async -> Health {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        return await offPool {
            switch converse(port: port, saying: Array(request.utf8), upTo: 16_384) {
            case .success(let answer): health(of: String(decoding: answer, as: UTF8.self))
            case .failure(let failure): .unhealthy(failure.description)
            }
        }
    }

    /// `GET /ready` of a daemon: in the clear, or over TLS where somebody vouches for it.
    ///
    /// - Parameter authority: its certificate's file; nil asks in the clear.
    package static func daemon(port: Int, authority: String?) async -> Health {
        guard let authority else { return await http(port: port) }
        // curl has TLS, which this room has not, and is needed for nothing but this.
        let command = Command(
            "/usr/bin/curl",
            [
                "--silent", "--include", "--http1.1", "--max-time", "3", "--noproxy", "*",
                "--cacert", authority, "https://localhost:\(port)/ready",
            ], environment: ["PATH": "/usr/bin:/bin"])
        guard let output = try? await command.run(within: .seconds(5)) else {
            return .unhealthy("curl does not end")
        }
        return output.standardOutput.isEmpty
            ? .unhealthy("nobody listens who can be trusted")
            : health(of: output.standardOutput)
    }

    static func health(of answer: String) -> Health {
        let line = answer.prefix { !$0.isNewline }.split(separator: " ")
        guard line.count >= 2, line[0].hasPrefix("HTTP/1.") else {
            return .unhealthy("does not speak HTTP")
        }
        if line[1] == "200" { return .healthy }
        let body = answer.firstRange(of: "\r\n\r\n").map { answer[$0.upperBound...].prefix(200) }
        return .unhealthy("\(line[1]) \(body ?? "")")
    }

    /// Whether an AMQP 0-9-1 broker greets us: it listens last of all when it starts.
    package static func amqp(port: Int) async -> Health {
        await offPool {
            let hello: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
            switch converse(port: port, saying: hello, upTo: 7) {
            // A method frame, and the first a broker sends is connection.start.
            case .success(let answer): return answer.first == 1 ? .healthy : .unhealthy("no broker")
            case .failure(let failure): return .unhealthy(failure.description)
            }
        }
    }

    private static func offPool(_ body: @escaping @Sendable () -> Health) async -> Health {
        await withCheckedContinuation { continuation in
            // The calls block: not on a thread of Swift's pool.
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }

    /// Sends `words` and reads until `limit` bytes are there or the other end closes.
    private static func converse(
        port: Int, saying words: [UInt8], upTo limit: Int
    ) -> Result<[UInt8], StackError> {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failure(StackError("no socket")) }
        defer { close(descriptor) }
        var wait = timeval(tv_sec: 3, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, size)
        guard withLoopbackAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            return .failure(StackError("nobody listens"))
        }
        guard send(descriptor, words, words.count, Int32(MSG_NOSIGNAL)) == words.count else {
            return .failure(StackError("hangs up"))
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: limit)
        while answer.count < limit {
            let count = recv(descriptor, &buffer, limit - answer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return answer.isEmpty ? .failure(StackError("does not answer")) : .success(answer)
    }
}
