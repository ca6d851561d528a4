// Returns its event, or what the query says.
exports.handler = async (event) => {
  const wanted = event.queryStringParameters?.return;
  if (wanted !== undefined) {
    const result = JSON.parse(wanted);
    // Marked as the answers of our functions are.
    if (result.statusCode !== undefined) result.headers = { ...result.headers, 'x-request-id': 'x' };
    return result;
  }
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': 'x' },
    body: JSON.stringify(event),
  };
};
