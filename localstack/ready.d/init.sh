#!/bin/sh
# LocalStack runs this when it is ready: queues, dead-letter redrive, parked queue and bucket; names and limits as in resources.ts, held by a test.
# Mount it as /etc/localstack/init/ready.d/init.sh. Running it again changes nothing.
set -eu

queue() { # name, attributes as JSON
  awslocal sqs create-queue --queue-name "$1" >/dev/null
  url=$(awslocal sqs get-queue-url --queue-name "$1" --query QueueUrl --output text)
  awslocal sqs set-queue-attributes --queue-url "$url" --attributes "$2"
}

queue exports-parked '{"MessageRetentionPeriod":"1209600","VisibilityTimeout":"30"}'
queue webhooks '{"MessageRetentionPeriod":"3600","VisibilityTimeout":"360"}'
queue exports-dead '{"MessageRetentionPeriod":"1209600","VisibilityTimeout":"180"}'
queue exports '{"MessageRetentionPeriod":"86400","VisibilityTimeout":"3600","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:exports-dead\",\"maxReceiveCount\":5}"}'

awslocal s3api head-bucket --bucket hoofprint-exports 2>/dev/null || awslocal s3api create-bucket --bucket hoofprint-exports >/dev/null
