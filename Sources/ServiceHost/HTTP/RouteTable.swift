import HTTPTypes
import Synchronization

/// Which methods a path has: what Hummingbird's router does not tell, and 405 needs.
final class RouteTable: Sendable {
    private struct Route {
        let segments: [Substring]
        var methods: [HTTPRequest.Method]
    }

    private let routes = Mutex<[Route]>([])

    func add(_ method: HTTPRequest.Method, _ path: String) {
        let segments = Self.segments(path)
        routes.withLock { routes in
            if let known = routes.firstIndex(where: { $0.segments == segments }) {
                if !routes[known].methods.contains(method) { routes[known].methods.append(method) }
            } else {
                routes.append(Route(segments: segments, methods: [method]))
            }
        }
    }

    /// Every method of every path, as they were added.
    var all: [(method: HTTPRequest.Method, path: String)] {
        routes.withLock { routes in
            routes.flatMap { route in
                route.methods.map { ($0, "/" + route.segments.joined(separator: "/")) }
            }
        }
    }

    /// The methods of the routes that a request's path matches, sorted; empty where none does.
    func methods(forPath path: String) -> [String] {
        let segments = Self.segments(path)
        let methods = routes.withLock { routes in
            routes.filter { Self.matches($0.segments, segments) }.flatMap(\.methods)
        }
        return Set(methods.map(\.rawValue)).sorted()
    }

    private static func segments(_ path: String) -> [Substring] { path.split(separator: "/") }

    private static func matches(_ pattern: [Substring], _ segments: [Substring]) -> Bool {
        pattern.count == segments.count
            && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
