"""Plays the payment service of the generation before Kassa: doubles, transient messages, no ids, no
reasons.

Arguments: broker URL, the queues order_created, payment_success, payment_failed, and how many orders
to decide. An order for more than 50 fails, the others succeed.
"""

import asyncio
import json
import sys

import aio_pika


async def main(url, order_created, payment_success, payment_failed, count):
    connection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(order_created, durable=True)
        decided = set()
        async with queue.iterator(timeout=60) as messages:
            async for message in messages:
                async with message.process():
                    order = json.loads(message.body)
                    # What a double becomes on its way through somebody's arithmetic.
                    amount = order["amount"] * 1.1 - order["amount"] * 0.1
                    event = {
                        "order_id": order["order_id"],
                        "user_id": order["user_id"],
                        "amount": amount,
                    }
                    await channel.default_exchange.publish(
                        aio_pika.Message(body=json.dumps(event).encode()),
                        routing_key=payment_failed if amount > 50 else payment_success,
                    )
                    print(order["order_id"], amount)
                    decided.add(order["order_id"])
                if len(decided) == count:
                    break


asyncio.run(main(*sys.argv[1:5], int(sys.argv[5])))
