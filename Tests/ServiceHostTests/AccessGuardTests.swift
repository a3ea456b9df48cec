import Access
import Hummingbird
import ServiceHost
import Testing

@Suite struct AccessGuardTests {
    private let guarded: AccessGuard

    init() throws {
        let tokens = try TokenSet(
            parsing: """
                vera viewer \(TokenDigest(of: "see").hexadecimal)
                otto operator \(TokenDigest(of: "do").hexadecimal)
                gate service \(TokenDigest(of: "pass").hexadecimal)
                """)
        guarded = AccessGuard(tokens: tokens)
    }

    @Test(arguments: [
        ("Bearer see", "vera", Role.viewer), ("bearer do", "otto", .operator),
        ("BEARER  pass", "gate", .service),
    ])
    func `a token tells who it is`(authorization: String, name: String, role: Role) {
        #expect(
            guarded.identify(Credentials(authorization: authorization))
                == .success(Caller(name: name, role: role)))
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "see", "Basic see", "Bearer see do", "Bearer see, Bearer do",
        "Bearer SEE", "Bearer se",
    ])
    func `anything else is nobody`(authorization: String?) {
        #expect(
            guarded.identify(Credentials(authorization: authorization))
                == .failure(.notAuthenticated))
    }

    @Test func `a service may speak for a caller, who then counts`() throws {
        let spoken = Credentials(
            authorization: "Bearer pass", statedCaller: "vera", statedRole: "viewer")
        #expect(guarded.identify(spoken) == .success(Caller(name: "vera", role: .viewer)))
        #expect(throws: AccessRefusal.needs(.operator)) {
            try guarded.admit(spoken, needing: .operator)
        }
    }

    @Test(arguments: ["see", "do"])
    func `from all others such a statement is worth nothing`(token: String) throws {
        let spoken = Credentials(
            authorization: "Bearer \(token)", statedCaller: "gate", statedRole: "service")
        let caller = try guarded.identify(spoken).get()
        #expect(caller.name != "gate")
        #expect(caller.role != .service)
    }

    private static let vague: [(name: String?, role: String?)] = [
        ("vera", nil), (nil, "viewer"), ("vera", "admin"), ("", "viewer"), ("a b", "viewer"),
        ("ve\u{7}ra", "viewer"),
    ]

    @Test(arguments: vague)
    func `a service that is not clear about its caller is refused`(name: String?, role: String?) {
        let spoken = Credentials(
            authorization: "Bearer pass", statedCaller: name, statedRole: role)
        #expect(guarded.identify(spoken) == .failure(.unreadableCaller))
    }

    @Test(arguments: Role.allCases, Role.allCases)
    func `a role may do what those below it may`(own: Role, needed: Role) throws {
        let tokens: [Role: String] = [.viewer: "see", .operator: "do", .service: "pass"]
        let credentials = Credentials(authorization: "Bearer \(tokens[own] ?? "")")
        let isAdmitted = (try? guarded.admit(credentials, needing: needed)) != nil
        #expect(isAdmitted == (own >= needed))
    }

    @Test func `without tokens everybody may do everything, and nobody is believed to be another`()
        throws
    {
        let open = AccessGuard(tokens: nil)
        let spoken = Credentials(statedCaller: "vera", statedRole: "viewer")
        #expect(try open.admit(spoken, needing: .service) == .anonymous)
    }

    @Test func `other tokens count from the next call on`() throws {
        let digest = TokenDigest(of: "new").hexadecimal
        guarded.replace(try TokenSet(parsing: "nina operator \(digest)"))
        #expect(
            guarded.identify(Credentials(authorization: "Bearer do"))
                == .failure(.notAuthenticated))
        #expect(
            try guarded.admit(Credentials(authorization: "Bearer new"), needing: .operator).name
                == "nina")
    }
}

@Suite struct GuardedDoorTests {
    private static let access = Result {
        AccessGuard(
            tokens: try TokenSet(
                parsing: """
                    vera viewer \(TokenDigest(of: "see").hexadecimal)
                    otto operator \(TokenDigest(of: "do").hexadecimal)
                    """))
    }

    private func open(
        _ body: @escaping @Sendable (Door) async throws -> Void
    ) async throws {
        try await Door.open(access: Self.access.get()) { router in
            router.get("/things") { _, context in
                Response(status: .ok, body: .init(byteBuffer: .init(string: context.caller.name)))
            }
            router.post("/things") { _, _ in Response(status: .created) }
            router.get("/book", for: .everybody) { _, _ in Response(status: .ok) }
        } _: {
            try await body($0)
        }
    }

    @Test func `who shows nothing is asked to, and learns no more`() async throws {
        try await open { door in
            for answer in [try await door.get("/things"), try await door.post("/things", "")] {
                #expect(answer.status == 401)
                #expect(answer.fields["www-authenticate"] == "Bearer")
                #expect(answer.body == #"{"detail":"Not authenticated"}"#)
            }
            #expect(try await door.get("/metrics").status == 401)
        }
    }

    @Test func `what everybody may call needs no token`() async throws {
        try await open { door in
            for path in ["/health", "/ready", "/book", "/book/"] {
                let seen = try await door.get(path)
                let head = try await door.get(path, "HEAD")
                #expect(seen.status == 200 && head.status == 200, "\(path)")
            }
        }
    }

    @Test func `a viewer looks, an operator changes too`() async throws {
        try await open { door in
            let (see, act) = ("Authorization: Bearer see", "Authorization: Bearer do")
            let seen = try await door.get("/things", "GET", see)
            #expect(seen.status == 200)
            #expect(seen.body == "vera")
            #expect(try await door.get("/things", "HEAD", see).status == 200)
            #expect(try await door.get("/metrics", "GET", see).status == 200)
            let refused = try await door.post("/things", "", see)
            #expect(refused.status == 403)
            #expect(refused.body == #"{"detail":"This call needs the operator role"}"#)
            #expect(try await door.post("/things", "", act).status == 201)
            // Twice is not clear, and what is not clear is nobody.
            #expect(try await door.get("/things", "GET", see, see).status == 401)
        }
    }
}
