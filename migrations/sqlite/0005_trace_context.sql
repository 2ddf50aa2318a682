-- The request that an item comes from, as the `traceparent` of W3C Trace Context.
ALTER TABLE queue_items ADD COLUMN traceparent TEXT;
