# The HTTP peer of `npm run bench:peers`: the same three calls with FastAPI, pydantic, Redis and
# Celery. Variable: PEER_REDIS, the address of its Redis.
import json
import os
import uuid
from datetime import date, datetime, timezone
from enum import Enum
from typing import List, Optional

import redis.asyncio as redis
from celery import Celery
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Extra, Field, conlist, constr, root_validator

LONGEST_SPAN_DAYS = 365
TTL_SECONDS = 3600

app = FastAPI()
jobs = redis.from_url(os.environ['PEER_REDIS'])
queue = Celery('peer', broker=os.environ['PEER_REDIS'])
queue.conf.task_ignore_result = True


class Grouping(str, Enum):
    day = 'day'
    week = 'week'
    month = 'month'


class ReportType(str, Enum):
    seasonal_activity = 'seasonal_activity'
    comparison = 'comparison'
    custom = 'custom'


def check_dates(start, end):
    if start is not None and end is not None:
        if end < start:
            raise ValueError('start_date must be before end_date')
        if (end - start).days > LONGEST_SPAN_DAYS:
            raise ValueError('Date range cannot exceed 1 year')
    if start is not None and start > datetime.now(timezone.utc).date():
        raise ValueError('start_date cannot be in the future')


class Period(BaseModel):
    start_date: date
    end_date: date
    label: constr(min_length=1, max_length=60)

    class Config:
        extra = Extra.forbid

    @root_validator
    def dates(cls, values):
        check_dates(values.get('start_date'), values.get('end_date'))
        return values


class Report(BaseModel):
    start_date: date
    end_date: date
    group_by: Grouping
    title: Optional[constr(max_length=120)] = None
    classifications: Optional[conlist(constr(min_length=1, max_length=200), min_items=1, max_items=100)] = None
    locations: Optional[conlist(constr(min_length=1, max_length=200), min_items=1, max_items=100)] = None
    independence_minutes: float = Field(30, ge=0, le=1440)
    report_type: ReportType = ReportType.seasonal_activity
    comparison_periods: Optional[List[Period]] = Field(None, min_items=2, max_items=5)
    include_charts: bool = True
    include_tables: bool = True
    include_insights: bool = True
    include_pictures: bool = True
    include_map: bool = True
    include_survey: bool = True

    class Config:
        extra = Extra.forbid

    @root_validator
    def across(cls, values):
        check_dates(values.get('start_date'), values.get('end_date'))
        is_comparison = values.get('report_type') == ReportType.comparison
        if is_comparison != (values.get('comparison_periods') is not None):
            raise ValueError('comparison_periods must be given with report_type comparison, and only then')
        return values


@queue.task
def make_report(job_id, request):
    return None


@app.get('/api/exports/pdf/{job_id}')
async def status(job_id: uuid.UUID):
    record = await jobs.get(f'export_job:{job_id}')
    if record is None:
        raise HTTPException(404, 'Job not found or expired')
    return json.loads(record)


@app.post('/api/exports/pdf', status_code=202)
async def create(report: Report):
    job_id = str(uuid.uuid4())
    make_report.delay(job_id, json.loads(report.json()))
    return {
        'job_id': job_id,
        'status': 'processing',
        'status_url': f'/api/exports/pdf/{job_id}',
        'expires_after_seconds': TTL_SECONDS,
    }
