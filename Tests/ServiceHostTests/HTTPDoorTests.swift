import Access
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceHost
import ServiceLifecycle
import SharedKernel
import Synchronization
import Testing

private struct LocksUp: TransientFault, CustomStringConvertible {
    var isTransient: Bool { true }
    var description: String { "password=hunter2" }
}

/// A database that fell silent with a commit under way.
private struct Silence: TransientFault, UncertainFault {
    let isTransient = true
    let isUncertain = true
}

private struct Bug: Error, CustomStringConvertible {
    var description: String { "password=hunter2" }
}

@Suite(.timeLimit(.minutes(1))) struct HTTPDoorTests {
    @Test func `a path answers with and without a trailing slash, and HEAD like GET`() async throws
    {
        try await Door.open { router in
            router.get("/orders") { _, _ in JSONValue.array([]).response() }
        } _: { door in
            for target in ["/orders", "/orders/", "/orders?x=1", "/orders/?x=1"] {
                let answer = try await door.get(target)
                #expect(answer.status == 200)
                #expect(answer.body == "[]")
                #expect(answer.fields["content-type"] == "application/json")
            }
            let head = try await door.get("/orders/", "HEAD")
            #expect(head.status == 200)
            #expect(head.body == "")
        }
    }

    @Test func `what does not exist is 404 and what exists otherwise is 405 with Allow`()
        async throws
    {
        try await Door.open { router in
            router.get("/orders/{order_id}") { _, _ in JSONValue.null.response() }
            router.post("/orders") { _, _ in JSONValue.null.response() }
        } _: { door in
            for target in ["/nothing", "/other/7", "/orders/7/more", "/"] {
                let missing = try await door.get(target)
                #expect(missing.status == 404)
                #expect(missing.body == #"{"detail":"Not Found"}"#)
            }
            for (method, target, allow) in [
                ("DELETE", "/orders/7/", "GET, HEAD"), ("GET", "/orders", "POST"),
                ("PROPFIND", "/orders", "POST"), ("POST", "/health", "GET, HEAD"),
            ] {
                let answer = try await door.get(target, method)
                #expect(answer.status == 405)
                #expect(answer.fields["allow"] == allow)
                #expect(answer.body == #"{"detail":"Method Not Allowed"}"#)
            }
        }
    }

    @Test func `what a route throws becomes the error shape, and a bug's words stay inside`()
        async throws
    {
        try await Door.open { router in
            router.get("/fault") { _, _ in throw HTTPFault(.conflict, "Account 'x' exists") }
            router.get("/transient") { _, _ in throw LocksUp() }
            router.get("/bug") { _, _ in throw Bug() }
            router.get("/cancelled") { _, _ in throw CancellationError() }
            router.get("/library") { _, _ in throw HTTPError(.badRequest, message: "<html>") }
        } _: { door in
            let expected = [
                "/fault": (409, #"{"detail":"Account 'x' exists"}"#),
                "/transient": (503, #"{"detail":"Service is temporarily unavailable"}"#),
                "/bug": (500, #"{"detail":"Internal Server Error"}"#),
                "/cancelled": (503, #"{"detail":"Service is shutting down"}"#),
                "/library": (400, #"{"detail":"Bad Request"}"#),
            ]
            for (target, (status, body)) in expected {
                let answer = try await door.get(target)
                #expect(answer.status == status)
                #expect(answer.body == body)
                #expect(answer.fields["content-type"] == "application/json")
                #expect((answer.fields["retry-after"] != nil) == (status == 503))
                #expect(answer.fields["x-request-id"]?.isEmpty == false)
            }
        }
    }

    /// To try again by the book would be to deposit twice.
    @Test func `a POST of unknown outcome does not invite to try again, a GET does`() async throws {
        try await Door.open { router in
            router.post("/deposit") { _, _ in throw Silence() }
            router.get("/deposit") { _, _ in throw Silence() }
        } _: { door in
            let post = try await door.get("/deposit", "POST")
            #expect(post.status == 504)
            #expect(post.fields["retry-after"] == nil)
            #expect(post.body.contains("may have been carried out"))
            let get = try await door.get("/deposit")
            #expect(get.status == 503)
            #expect(get.fields["retry-after"] != nil)
        }
    }

    @Test func `a request's id reaches the route and comes back`() async throws {
        try await Door.open { router in
            router.get("/id") { request, context in
                // Made once: whoever asks again is told the same.
                #expect(correlation(of: request.headers) == context.correlation)
                return JSONValue.string(context.correlation.requestID ?? "").response()
            }
        } _: { door in
            let given = try await door.get("/id", "GET", "X-Request-ID: trip-7")
            #expect(given.body == #""trip-7""#)
            #expect(given.fields["x-request-id"] == "trip-7")
            let made = try await door.get("/id")
            #expect(made.fields["x-request-id"].map { "\"\($0)\"" } == made.body)
        }
    }

    @Test func `path parameters are decoded once, and what cannot be a user is nobody`()
        async throws
    {
        try await Door.open { router in
            router.get("/accounts/{user_id}/balance") { _, context in
                JSONValue.string(context.pathUserID("user_id")?.text ?? "nobody").response()
            }
        } _: { door in
            let expected = [
                "a%2Fb": #""a/b""#, "%2E%2E": #""..""#, "a%2541": #""a%41""#, "%C3%BC": #""ü""#,
                "%00": #""nobody""#, "%FF": #""nobody""#, "%zz": #""nobody""#,
            ]
            for (segment, body) in expected {
                let answer = try await door.get("/accounts/\(segment)/balance")
                #expect(answer.body == body)
            }
        }
    }

    @Test func `ready is 503 with the reason until everything is there`() async throws {
        let readiness = Readiness(dependencies: ["database"])
        try await Door.open(readiness: readiness) { door in
            let health = try await door.get("/health")
            #expect(health.status == 200)
            let waiting = try await door.get("/ready/")
            #expect(waiting.status == 503)
            #expect(waiting.body.contains("not tried yet"))
            readiness.set("database", .ok)
            let ready = try await door.get("/ready")
            #expect(ready.status == 200)
            #expect(ready.body == #"{"status":"ready","dependencies":{"database":{"state":"ok"}}}"#)
        }
    }

    @Test func `metrics count requests by route, never by what callers put into paths`()
        async throws
    {
        try await Door.open { router in
            router.get("/orders/{order_id}") { _, _ in throw HTTPFault(.notFound, "Order not found")
            }
        } _: { door in
            for number in 0..<3 { _ = try await door.get("/orders/\(number)") }
            _ = try await door.get("/nothing", "PROPFIND")
            let page = try await door.get("/metrics")
            #expect(page.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let requests = "kassa_http_requests_total"
            let order = #"method="GET",route="/orders/{order_id}""#
            #expect(page.body.contains("\(requests){\(order),status=\"404\"} 3"))
            let other = #"method="other",route="NotFound",status="404""#
            #expect(page.body.contains("\(requests){\(other)} 1"))
            #expect(page.body.contains("kassa_http_request_duration_seconds_count{\(order)} 3"))
        }
    }

    @Test func `each request leaves one line with its id, and the query stays out of it`()
        async throws
    {
        let written = Mutex<[[UInt8]]>([])
        let logger = Logger(label: "test") { _ in
            ServiceLogHandler(service: "kassa-test", level: .debug) { line in
                written.withLock { $0.append(line) }
            }
        }
        try await Door.open(logger: logger) { door in
            _ = try await door.get("/health?password=hunter2", "GET", "X-Request-ID: trip-7")
        }
        let lines = try written.withLock(\.self).map { try JSONValue(parsing: $0) }
        let request = try #require(lines.first { $0["msg"] == "request" })
        #expect(lines.count { $0["msg"] == "request" } == 1)
        #expect(request["level"] == "debug")
        #expect(request["request_id"] == "trip-7")
        #expect(request["route"] == "/health")
        #expect(request["status"] == "200")
        #expect(!lines.contains { $0.text.contains("hunter2") })
        #expect(lines.contains { $0["level"] == "info" && $0["msg"] == "listening" })
    }

    @Test func `an address in use says so and what to do`() async throws {
        try await Door.open { door in
            let router = ServiceRouter(
                readiness: Readiness(), metrics: MetricsRegistry(),
                access: AccessGuard(tokens: nil))
            let server = HTTPServer(
                router: router, host: "127.0.0.1", port: door.port, logger: Logger(label: "test"))
            let failure = await #expect(throws: StartFailure.self) { try await server.run() }
            #expect(
                failure?.description.hasPrefix("cannot bind 127.0.0.1:\(door.port): ") == true)
            #expect(failure?.description.contains("Address already in use") == true)
            #expect(failure?.description.contains("--http-port") == true)
        }
    }
}
