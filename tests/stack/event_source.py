"""The event source mapping of a deployed stack: takes messages from the queue and passes them to the function."""

import threading

from function import Function, base_environment
from queues import record

# Seconds to wait for a batch of one group, https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
WAIT = 1


class EventSource(threading.Thread):
    """Runs the packaged function with the environment from the stack until it is stopped."""

    def __init__(self, clients, outputs, endpoints, folder):
        super().__init__(daemon=True)
        self.sqs, self.lambda_ = clients("sqs"), clients("lambda")
        self.outputs, self.endpoints, self.folder = outputs, endpoints, folder
        self.over = threading.Event()
        self.failure = None
        self.batches = []

    def run(self):
        configuration = self.lambda_.get_function_configuration(FunctionName=self.outputs["Function"])
        environment = base_environment(**configuration["Environment"]["Variables"], **self.endpoints)
        mapping = self.lambda_.get_event_source_mapping(UUID=self.outputs["Source"])
        function = Function(environment, self.folder)
        try:
            while not self.over.is_set():
                self.work(function, mapping["BatchSize"], mapping["EventSourceArn"])
        except Exception as failure:  # noqa: BLE001 Raised again in the thread of the test.
            self.failure = failure
        finally:
            function.kill()

    def work(self, function, size, arn):
        received = self.sqs.receive_message(
            QueueUrl=self.outputs["Queue"], MaxNumberOfMessages=size, AttributeNames=["All"], WaitTimeSeconds=WAIT
        )
        messages = received.get("Messages", [])
        if not messages:
            return
        records = [record(message, arn) for message in messages]
        answer = function.invoke({"Records": records})
        self.batches.append((records, answer))
        for message in messages:
            if answer.kind == "response" and message["MessageId"] not in answer.sent_back:
                self.sqs.delete_message(QueueUrl=self.outputs["Queue"], ReceiptHandle=message["ReceiptHandle"])

    def stop(self):
        self.over.set()
        self.join()
        if self.failure:
            raise self.failure
