"""Plays the order service of the generation before Kassa: doubles, transient messages, no ids.

Arguments: broker URL, the queues order_created, payment_success, payment_failed, and the orders as
JSON: a list of {order_id, user_id, amount, description}. Each order is announced twice. Prints what
came back for each as "order_id queue amount", in the order of the orders.
"""

import asyncio
import json
import sys

import aio_pika


async def main(url, order_created, payment_success, payment_failed, orders):
    connection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue(order_created, durable=True)
        outcomes = {}
        done = asyncio.Event()

        async def consume(name):
            queue = await channel.declare_queue(name, durable=True)
            async with queue.iterator() as messages:
                async for message in messages:
                    async with message.process():
                        event = json.loads(message.body)
                        outcomes[event["order_id"]] = f"{name} {event['amount']}"
                        if len(outcomes) == len(orders):
                            done.set()

        consumers = [
            asyncio.create_task(consume(name)) for name in (payment_success, payment_failed)
        ]
        for order in orders + orders:
            await channel.default_exchange.publish(
                aio_pika.Message(body=json.dumps(order).encode()), routing_key=order_created
            )
        await asyncio.wait_for(done.wait(), 60)
        for consumer in consumers:
            consumer.cancel()
        for order in orders:
            print(order["order_id"], outcomes[order["order_id"]])


asyncio.run(main(*sys.argv[1:5], json.loads(sys.argv[5])))
