"""Calls the gRPC door of Orders the way a Python client does that has nothing but the contract's .proto.

    orders_client.py HOST:PORT [PROTO]

Prints a line per check and exits 0 when all of them hold, 1 when one does not, 2 when it could not start.
Runs in the environment that Tests/prepare-python makes: .build/python/bin/python.
"""

import importlib
import importlib.resources
import pathlib
import sys
import tempfile
import time

import grpc
from google.protobuf import empty_pb2
from grpc_tools import protoc

DEADLINE_SECONDS = 15
PROTO = pathlib.Path(__file__).parents[3] / "Sources" / "OrderServiceRPC" / "orders.proto"


def load_messages(proto, folder):
    """Makes the message classes with the compiler that comes with grpcio-tools."""
    known = importlib.resources.files("grpc_tools") / "_proto"
    status = protoc.main(
        ["protoc", f"--proto_path={proto.parent}", f"--proto_path={known}", f"--python_out={folder}", proto.name]
    )
    if status != 0:
        sys.exit(f"{proto} cannot be compiled")
    sys.path.insert(0, folder)
    return importlib.import_module("orders_pb2")


class Orders:
    """The three calls, as generic unary calls: the wire's names come from the contract, not from stubs."""

    def __init__(self, channel, messages):
        self.messages = messages

        def call(name, answer):
            return channel.unary_unary(
                f"/orders.OrderService/{name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer.FromString,
            )

        self._create = call("CreateOrder", messages.Order)
        self._get = call("GetOrder", messages.Order)
        self._list = call("ListOrders", messages.ListOrdersResponse)

    def create(self, user_id="", amount=0.0, description="", metadata=None):
        request = self.messages.CreateOrderRequest(
            user_id=user_id, amount=amount, description=description
        )
        return self._create.with_call(request, timeout=DEADLINE_SECONDS, metadata=metadata)

    def get(self, order_id):
        request = self.messages.GetOrderRequest(order_id=order_id)
        return self._get(request, timeout=DEADLINE_SECONDS)

    def list(self):
        return self._list(empty_pb2.Empty(), timeout=DEADLINE_SECONDS).orders


class Checks:
    """Prints each check and remembers whether one failed."""

    def __init__(self):
        self.failed = 0

    def that(self, holds, what):
        print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
        self.failed += not holds

    def refused(self, codes, words, what, call):
        try:
            answer = call()
        except grpc.RpcError as error:
            holds = error.code() in codes and words in error.details()
            self.that(holds, f"{what}: {error.code().name} {error.details()!r}")
        else:
            self.that(False, f"{what}: answered {answer!r}")


def check_orders(orders, checks):
    user = f"python-{time.time_ns()}"
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    order, call = orders.create(
        user, 42.50, "tea, très chaud", [("x-request-id", "python-1"), ("traceparent", trace)]
    )
    checks.that(order.status == "PENDING", f"CreateOrder answers PENDING: {order.order_id}")
    checks.that(
        (order.user_id, order.amount, order.description) == (user, 42.50, "tea, très chaud"),
        "CreateOrder answers what was asked for",
    )
    checks.that(
        order.created_at.endswith("Z") and order.updated_at == order.created_at,
        f"CreateOrder says when: {order.created_at}",
    )
    checks.that(order.failure_reason == "", "a pending order has no failure reason")
    answered = dict(call.initial_metadata()).get("x-request-id")
    checks.that(answered == "python-1", f"the request id comes back: {answered}")

    found = orders.get(order.order_id)
    checks.that(found.order_id == order.order_id, "GetOrder finds it")
    checks.that(found.status in ("PENDING", "PAID", "FAILED"), f"GetOrder has a status: {found.status}")
    upper = orders.get(order.order_id.upper())
    checks.that(upper.order_id == order.order_id, "GetOrder takes a UUID in upper case")

    least, _ = orders.create(user, 0.01)
    greatest, _ = orders.create(user, 9999999999.99)
    amounts = {orders.get(each.order_id).amount for each in (least, greatest)}
    checks.that(amounts == {0.01, 9999999999.99}, f"amounts come back exact: {sorted(amounts)}")
    checks.that(orders.get(least.order_id).description == "", "an absent description is empty")

    listed = [each.order_id for each in orders.list()]
    mine = [each for each in listed if each in (order.order_id, least.order_id, greatest.order_id)]
    checks.that(
        mine == [greatest.order_id, least.order_id, order.order_id],
        f"ListOrders gives the newest first ({len(listed)} orders)",
    )
    checks.that(len(listed) <= 1000, "ListOrders gives at most 1,000")


def check_refusals(orders, checks):
    invalid, missing = (grpc.StatusCode.INVALID_ARGUMENT,), (grpc.StatusCode.NOT_FOUND,)
    for order_id in ("00000000-0000-7000-8000-000000000000", "no-uuid", "", "1" * 5000):
        checks.refused(
            missing,
            "Order not found",
            f"GetOrder {order_id[:40]!r}",
            lambda order_id=order_id: orders.get(order_id),
        )
    for amount, words in [
        (0.0, "amount: Input should be greater than 0"),
        (-0.0, "amount: Input should be greater than 0"),
        (-1.0, "amount: Input should be greater than 0"),
        (1.001, "amount: Decimal input should have no more than 2 decimal places"),
        (5e-324, "amount: Decimal input should have no more than 2 decimal places"),
        (1e10, "amount: Input should be less than or equal to 9999999999.99"),
        (1e308, "amount: Input should be less than or equal to 9999999999.99"),
        (float("1e400"), "amount: Input should be a valid decimal"),
        (float("-inf"), "amount: Input should be a valid decimal"),
        (float("nan"), "amount: Input should be a valid decimal"),
    ]:
        checks.refused(
            invalid,
            words,
            f"CreateOrder amount {amount}",
            lambda amount=amount: orders.create("python", amount),
        )
    characters = "control and bidirectional characters are not allowed"
    for what, user, description, words in [
        ("without a user", "", "", "user_id: String should have at least 1 character"),
        ("user of 129 bytes", "u" * 129, "", "user_id: String should have at most 128 bytes"),
        ("user of 43 euro signs", "€" * 43, "", "user_id: String should have at most 128 bytes"),
        ("user with NUL", "a\0b", "", f"user_id: Value error, {characters}"),
        ("user with a bidi override", "a\u202eb", "", f"user_id: Value error, {characters}"),
        ("description of 1,001", "u", "d" * 1001, "description: String should have at most 1000"),
        ("description with ESC", "u", "\x1b[2J", f"description: Value error, {characters}"),
    ]:
        checks.refused(
            invalid,
            words,
            f"CreateOrder {what}",
            lambda user=user, description=description: orders.create(user, 1.0, description),
        )
    checks.refused(
        invalid,
        "user_id: String should have at least 1 character; amount: Input should be greater than 0",
        "CreateOrder tells every wrong field at once",
        lambda: orders.create("", 0.0),
    )
    longest, _ = orders.create("u" * 128, 1.0, "€" * 1000)
    checks.that(len(longest.description) == 1000, "the longest user and description pass")


def check_protocol(channel, orders, checks):
    raw = channel.unary_unary(
        "/orders.OrderService/CreateOrder", request_serializer=bytes, response_deserializer=bytes
    )
    unknown = channel.unary_unary("/orders.OrderService/DropOrder")
    checks.refused(
        [grpc.StatusCode.INVALID_ARGUMENT],
        "",
        "CreateOrder with bytes that are no message",
        lambda: raw(b"\xff\xff\xff", timeout=DEADLINE_SECONDS),
    )
    checks.refused(
        [grpc.StatusCode.INVALID_ARGUMENT],
        "",
        "CreateOrder with a user that is no UTF-8",
        lambda: raw(b"\x0a\x02\xc3\x28", timeout=DEADLINE_SECONDS),
    )
    checks.refused(
        [grpc.StatusCode.UNIMPLEMENTED],
        "",
        "a method that is not in the contract",
        lambda: unknown(b"", timeout=DEADLINE_SECONDS),
    )
    checks.refused(
        [grpc.StatusCode.RESOURCE_EXHAUSTED],
        "A message has 65536 bytes at most",
        "a message beyond 64 KiB",
        lambda: orders.create("u", 1.0, "d" * 70_000),
    )
    order, _ = orders.create("u", 1.0)
    checks.that(order.status == "PENDING", "the connection still serves afterwards")


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    proto = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) == 3 else PROTO.resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        messages = load_messages(proto, folder)
        with grpc.insecure_channel(sys.argv[1]) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=DEADLINE_SECONDS)
            except grpc.FutureTimeoutError:
                print(f"FAIL nothing answers at {sys.argv[1]}", file=sys.stderr)
                return 2
            orders = Orders(channel, messages)
            try:
                check_orders(orders, checks)
                check_refusals(orders, checks)
                check_protocol(channel, orders, checks)
            except grpc.RpcError as error:
                checks.that(False, f"unexpected {error.code().name}: {error.details()}")
    print("all checks hold" if checks.failed == 0 else f"{checks.failed} checks failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
