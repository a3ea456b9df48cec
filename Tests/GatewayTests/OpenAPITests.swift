import Access
import GatewayInfrastructure
import GatewayPresentation
import HTTPTypes
import JSON
import ServiceHost
import Testing

/// The API's description says what the gateway serves: no more, no less.
@Suite struct OpenAPITests {
    /// `POST /orders`, for every route that is not HEAD, which goes with GET.
    private static func registered() async throws -> Set<String> {
        try await withUpstreamClient { client in
            let nowhere = Upstream(name: "Orders", url: "http://127.0.0.1:1")
            let rpc = try OrdersRPCClient(host: "127.0.0.1", port: 1, deadline: .seconds(1))
            let router = ServiceRouter(
                readiness: Readiness(), metrics: MetricsRegistry(),
                access: AccessGuard(tokens: nil))
            GatewayRoutes(
                client: client, rpc: rpc, orders: nowhere, payments: nowhere, swaggerUI: nil
            ).add(to: router)
            let routes = router.routes.filter { $0.method != .head }
            return Set(routes.map { "\($0.method) \($0.path)" })
        }
    }

    @Test func `every route is described, and what is described is a route`() async throws {
        let described = try OpenAPI.document.operations.map(\.name)
        let registered = try await Self.registered()
        #expect(Set(described) == registered)
        #expect(registered.count > 15)
    }

    @Test func `every reference leads to a part of the document, and every part is used`() throws {
        let document = try OpenAPI.document
        let references = Set(document.references(in: document.root))
        let parts = document.parts
        #expect(references.subtracting(parts) == [])
        #expect(parts.subtracting(references) == [])
    }

    @Test func `every operation has a name of its own, a summary, a tag and described answers`()
        throws
    {
        let document = try OpenAPI.document
        let ids = document.operations.compactMap { $0.value["operationId"]?.string }
        #expect(ids.count == document.operations.count && Set(ids).count == ids.count)
        let tags = Set(document.root["tags"]?.array?.compactMap { $0["name"]?.string } ?? [])
        for operation in document.operations {
            #expect(operation.value["summary"]?.string?.isEmpty == false, "\(operation.name)")
            let used = Set(operation.value["tags"]?.array?.compactMap(\.string) ?? [])
            #expect(!used.isEmpty && used.isSubset(of: tags), "\(operation.name)")
            let responses = document.members(operation.value["responses"])
            #expect(responses.contains { $0.name.hasPrefix("2") }, "\(operation.name)")
            for response in responses {
                let answer = document.resolved(response.value)
                #expect(answer["description"]?.string?.isEmpty == false)
                // What every answer of the gateway has.
                #expect(
                    answer["headers"]?["X-Request-ID"] != nil,
                    "\(operation.name) \(response.name)")
            }
        }
    }

    @Test func `every body that is described has an example`() throws {
        let document = try OpenAPI.document
        for operation in document.operations {
            let request = operation.value["requestBody"].map(document.resolved)
            let answers = document.members(operation.value["responses"])
                .map { document.resolved($0.value) }
            for body in [request].compactMap(\.self) + answers {
                guard let media = body["content"]?["application/json"],
                    operation.name != "GET /openapi.json"
                else { continue }
                #expect(
                    media["example"] != nil || media["examples"] != nil, "\(operation.name)")
            }
        }
    }
}

/// The document as the gateway serves it, taken apart.
private struct OpenAPI {
    let root: JSONValue

    static var document: OpenAPI {
        get throws {
            OpenAPI(root: try JSONValue(parsing: DocumentationRoutes.openAPI, depthLimit: 32))
        }
    }

    /// Each with its name, such as `POST /orders`.
    var operations: [(name: String, value: JSONValue)] {
        members(root["paths"]).flatMap { path in
            members(path.value).map { ("\($0.name.uppercased()) \(path.name)", $0.value) }
        }
    }

    /// Every `#/components/…` there is.
    var parts: Set<String> {
        Set(
            members(root["components"]).filter { $0.name != "securitySchemes" }.flatMap { kind in
                members(kind.value).map { "#/components/\(kind.name)/\($0.name)" }
            })
    }

    func members(_ value: JSONValue?) -> [JSONValue.Member] {
        guard case .object(let members)? = value else { return [] }
        return members
    }

    func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            members.flatMap { member in
                if member.name == "$ref", let target = member.value.string { return [target] }
                return references(in: member.value)
            }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }

    /// The value, or the part that it refers to.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard let target = value["$ref"]?.string else { return value }
        return target.split(separator: "/").dropFirst()
            .reduce(root) { place, name in place[String(name)] ?? .null }
    }
}
